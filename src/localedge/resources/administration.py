"""`/edge/...`: the edge's own settings and processes, open to its own token alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.access.limit import REQUESTS, WINDOW_SECONDS, Quota
from localedge.coverage import Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Invalid
from localedge.requests import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.access.limit import RateLimit
    from localedge.edge import Edge
    from localedge.faults.processes import ProcessFaults
    from localedge.runtime.supervisor import ProcessStatus

LIMIT = "/edge/rate-limit"
PROCESSES = "/edge/processes"

COVERAGE = (
    Endpoint("GET", LIMIT, "the edge's own: how often the API may be called"),
    Endpoint("PUT", LIMIT, "the edge's own: switch the limit on, `{requests, window_seconds}`"),
    Endpoint("DELETE", LIMIT, "the edge's own: switch the limit off"),
    Endpoint("GET", PROCESSES, "the edge's own: its processes, their state, restarts and memory"),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    limit = Limit(edge.access.limit)

    async def processes(request: Request) -> Response:
        del request
        statuses = edge.runtime.processes()
        workers = edge.workers.scripts_of({version_of(status) for status in statuses})
        return ok([_process(status, workers, edge.faults.processes) for status in statuses])

    return [
        Route(LIMIT, limit.show, methods=["GET"]),
        Route(LIMIT, limit.set, methods=["PUT"]),
        Route(LIMIT, limit.lift, methods=["DELETE"]),
        Route(PROCESSES, processes, methods=["GET"]),
    ]


class Limit:
    """The limit of calls."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit

    async def show(self, request: Request) -> Response:
        del request
        return ok(self._told())

    async def set(self, request: Request) -> Response:
        """Counting begins anew."""
        body = await read_object(request)
        requests = _number(body, "requests", REQUESTS)
        self._limit.set(Quota(int(requests), _number(body, "window_seconds", WINDOW_SECONDS)))
        return ok(self._told())

    async def lift(self, request: Request) -> Response:
        del request
        self._limit.set(None)
        return ok(self._told())

    def _told(self) -> dict[str, Any]:
        quota = self._limit.quota
        if quota is None:
            return {"enabled": False}
        return {"enabled": True, "requests": quota.requests, "window_seconds": quota.window_seconds}


def version_of(status: ProcessStatus) -> str:
    """The id of the version that a process runs, as its name has it; something else where it runs none."""
    return status.name.partition("-")[2]


def _process(status: ProcessStatus, workers: Mapping[str, str], faults: ProcessFaults) -> dict[str, Any]:
    """`doomed` says that a fault which was asked for kills every start of it, or so many to come."""
    return {
        "name": status.name,
        "worker": workers.get(version_of(status)),
        "doomed": faults.dooms(status),
        "pid": status.pid,
        "state": status.state,
        "restarts": status.restarts,
        "memory_bytes": None if status.pid is None else memory_bytes(status.pid),
    }


def memory_bytes(pid: int) -> int | None:
    """What a process holds that no other does. None where the system does not tell (it is not Linux)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # ended meanwhile, or no /proc
        return None
    private = (line.split()[1] for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:")))
    return sum(int(kilobytes) * 1024 for kilobytes in private)


def _number(body: Mapping[str, Any], name: str, default: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1_000_000:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a number above 0")
    return float(value)
