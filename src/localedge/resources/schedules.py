"""Cron triggers of a Worker, and the edge's own path to run one now."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Client, Endpoint
from localedge.cron.expression import BadExpression, parse
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Invalid
from localedge.requests import read_json, read_object
from localedge.resources import SCRIPT
from localedge.resources.lookup import script_of
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

CODE_CRON_INVALID = 10100
CODE_CRONS_TOO_MANY = 10072
CRONS_MAX = 250
"""For an account on the paid plan: https://developers.cloudflare.com/workers/platform/limits/."""

SCHEDULES = f"{SCRIPT}/schedules"
FIRE = "/edge/schedules/{script}"

SDK = (Client.PYTHON_SDK,)
BOTH = (Client.WRANGLER, Client.PYTHON_SDK)
COVERAGE = (
    Endpoint("GET", SCHEDULES, "cron triggers", SDKS),
    Endpoint("PUT", SCHEDULES, "replace the cron triggers", ALL),
    Endpoint(
        "POST",
        FIRE,
        "the edge's own: run `scheduled()` now, with a `cron` and a `scheduled_ms` of your choice",
    ),
    Endpoint("GET", FIRE, "the edge's own: the last runs and their outcomes"),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    schedules = Schedules(edge)
    return [
        Route(SCHEDULES, schedules.get, methods=["GET"]),
        Route(SCHEDULES, schedules.replace, methods=["PUT"]),
        Route(FIRE, schedules.fire, methods=["POST"]),
        Route(FIRE, schedules.runs, methods=["GET"]),
    ]


class Schedules:
    """When a Worker runs by itself."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._table = edge.schedules

    async def get(self, request: Request) -> Response:
        return self._shown(script_of(self._edge, request).name)

    async def replace(self, request: Request) -> Response:
        """The body is the whole list: `[{"cron": "*/5 * * * *"}]`. No new version is needed."""
        script = script_of(self._edge, request)
        crons = _read_crons(await read_json(request))
        if len(crons) + self._table.count_elsewhere(script.name) > CRONS_MAX:
            message = f"an account may have {CRONS_MAX} cron triggers; remove some first"
            raise Invalid(CODE_CRONS_TOO_MANY, message)
        self._table.replace(script.name, crons, utc_now())
        return self._shown(script.name)

    async def fire(self, request: Request) -> Response:
        """Wait for the handler to end; its outcome, which may be an exception, is in the answer."""
        script, body = script_of(self._edge, request), await read_object(request)
        cron, scheduled_ms = body.get("cron"), body.get("scheduled_ms", time.time_ns() // 1_000_000)
        known = [schedule.cron for schedule in self._table.of(script.name)]
        if cron not in known:
            message = (
                f"Worker {script.name} has no cron trigger {cron!r}; it has: {', '.join(known) or 'none'}"
            )
            raise Invalid(CODE_MALFORMED, message)
        if (
            isinstance(scheduled_ms, bool)
            or not isinstance(scheduled_ms, int)
            or not 0 <= scheduled_ms < 2**53
        ):
            raise Invalid(CODE_MALFORMED, "scheduled_ms has to be a time in milliseconds since 1970")
        run = await self._edge.scheduler.fire(script.name, cron, scheduled_ms)
        return ok(dataclasses.asdict(run))

    async def runs(self, request: Request) -> Response:
        script = script_of(self._edge, request)
        return ok([dataclasses.asdict(run) for run in self._edge.scheduler.runs(script.name)])

    def _shown(self, script: str) -> Response:
        schedules = [
            {"cron": one.cron, "created_on": one.created_on, "modified_on": one.modified_on}
            for one in self._table.of(script)
        ]
        return ok({"schedules": schedules})


def _read_crons(body: object) -> Sequence[str]:
    """Each expression once, in the order given; `Invalid` for the first that is none."""
    entries: Any = body.get("schedules") if isinstance(body, dict) else body
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Invalid(CODE_MALFORMED, 'the body has to be a list of objects such as {"cron": "*/5 * * * *"}')
    crons = [entry.get("cron") for entry in entries]
    for cron in crons:
        try:
            parse(cron if isinstance(cron, str) else "")
        except BadExpression as error:
            raise Invalid(CODE_CRON_INVALID, f"invalid cron string: {error}") from error
    return list(dict.fromkeys(crons))
