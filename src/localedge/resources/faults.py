"""`/edge/faults`: faults of the API's answers and of processes, asked for by tests and by those who learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Invalid, script_missing
from localedge.faults.form import read_rules
from localedge.faults.traffic import read_disturbance
from localedge.requests import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

FAULTS = "/edge/faults"
PROCESSES = "/edge/faults/processes"
TRAFFIC = "/edge/faults/traffic"
KINDS = {"router": "router", "storage": "storage", "databases": "databases", "object-host": "objects-"}
"""Kinds of processes that are not versions, and how their names begin."""

COVERAGE = (
    Endpoint("GET", FAULTS, "the edge's own: the rules that are set, and how often each was met"),
    Endpoint("PUT", FAULTS, "the edge's own: set rules, `{seed, rules}`"),
    Endpoint("DELETE", FAULTS, "the edge's own: lift all faults, of processes too"),
    Endpoint("POST", PROCESSES, "the edge's own: kill a process, or have every start of it die"),
    Endpoint("DELETE", PROCESSES, "the edge's own: let processes live again"),
    Endpoint("POST", TRAFFIC, "the edge's own: have a version be slow or fail"),
    Endpoint("DELETE", TRAFFIC, "the edge's own: let versions be as they are"),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    faults = FaultControl(edge)
    return [
        Route(FAULTS, faults.show, methods=["GET"]),
        Route(FAULTS, faults.set, methods=["PUT"]),
        Route(FAULTS, faults.lift, methods=["DELETE"]),
        Route(PROCESSES, faults.kill, methods=["POST"]),
        Route(PROCESSES, faults.let_live, methods=["DELETE"]),
        Route(TRAFFIC, faults.disturb, methods=["POST"]),
        Route(TRAFFIC, faults.let_be, methods=["DELETE"]),
    ]


class FaultControl:
    """Sets and lifts faults."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._faults = edge.faults

    async def show(self, request: Request) -> Response:
        del request
        processes, traffic = self._faults.processes.show(), self._faults.traffic.show()
        return ok({**self._faults.plan.show(), "processes": processes, "traffic": traffic})

    async def set(self, request: Request) -> Response:
        """All rules anew; what reads lagged before is forgotten when it is over."""
        body = await read_object(request)
        seed = body.get("seed", 0)
        if not isinstance(seed, int):
            raise Invalid(CODE_MALFORMED, "seed has to be a whole number")
        self._faults.plan.set(seed, read_rules(body), body["rules"])
        return ok(self._faults.plan.show())

    async def lift(self, request: Request) -> Response:
        del request
        self._faults.plan.set(0, (), ())
        self._faults.processes.lift()
        await self._faults.traffic.lift()
        return ok(None)

    async def kill(self, request: Request) -> Response:
        """`{kill, script?, version?, times?}`, or `{crash_loop: version id}`."""
        body = await read_object(request)
        if "crash_loop" in body:
            died = self._faults.processes.kill((f"version-{body['crash_loop']}",), None)
        else:
            died = self._faults.processes.kill(self._names(body), _times(body))
        return ok({"killed": died})

    async def let_live(self, request: Request) -> Response:
        del request
        self._faults.processes.lift()
        return ok(None)

    async def disturb(self, request: Request) -> Response:
        """`{script, version?, delay_ms?, status?, exception?, probability?}`."""
        body = await read_object(request)
        disturbance = read_disturbance(body)
        await self._faults.traffic.set(self._versions(body), disturbance)
        return ok(self._faults.traffic.show())

    async def let_be(self, request: Request) -> Response:
        del request
        await self._faults.traffic.lift()
        return ok(None)

    def _names(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        kind = body.get("kill")
        if kind in KINDS:
            return (KINDS[kind],)
        if kind != "version":
            raise Invalid(CODE_MALFORMED, f"kill has to be version, {', '.join(KINDS)}")
        return tuple(f"version-{version_id}" for version_id in self._versions(body))

    def _versions(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """The version that is named, else all that the Worker has deployed."""
        if isinstance(body.get("version"), str):
            return (body["version"],)
        script = str(body.get("script", ""))
        current = self._edge.workers.current_deployment(script)
        if current is None:
            raise script_missing(script)
        return current.version_ids


def _times(body: Mapping[str, Any]) -> int:
    times = body.get("times", 1)
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= 1000:
        raise Invalid(CODE_MALFORMED, "times has to be a whole number from 1 to 1000")
    return times
