"""D1 Time Travel: a bookmark of now or of a time, and a database as it was at one."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from starlette.routing import Route

from localedge.coverage import ALL, Endpoint
from localedge.d1.refusals import malformed
from localedge.envelope import ok
from localedge.resources.d1 import ONE, database_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.d1.history import History
    from localedge.edge import Edge

BOOKMARK = f"{ONE}/time_travel/bookmark"
RESTORE = f"{ONE}/time_travel/restore"

COVERAGE = (
    Endpoint("GET", BOOKMARK, "of now, or of a `timestamp`", ALL),
    Endpoint("POST", RESTORE, "back, or forth, to a `bookmark` or a `timestamp`", ALL),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    time_travel = TimeTravel(edge)
    return [
        Route(BOOKMARK, time_travel.bookmark, methods=["GET"]),
        Route(RESTORE, time_travel.restore, methods=["POST"]),
    ]


class TimeTravel:
    """Every commit is a moment that can be gone to."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def bookmark(self, request: Request) -> Response:
        history = self._history(request)
        return ok({"bookmark": await history.bookmark(_timestamp(request))})

    async def restore(self, request: Request) -> Response:
        history, time = self._history(request), _timestamp(request)
        wanted = request.query_params.get("bookmark")
        if (wanted is None) == (time is None):
            raise malformed("restore takes either a bookmark or a timestamp")
        restored = await history.restore(wanted or await history.bookmark(time))
        message = f"Restored to bookmark {restored.bookmark}; back to what was before: {restored.previous}"
        return ok({"bookmark": restored.bookmark, "previous_bookmark": restored.previous, "message": message})

    def _history(self, request: Request) -> History:
        return self._edge.d1.histories.of(database_of(self._edge, request).id)


def _timestamp(request: Request) -> datetime.datetime | None:
    given = request.query_params.get("timestamp")
    if given is None:
        return None
    try:
        time = datetime.datetime.fromisoformat(given)
    except ValueError as error:
        raise malformed("timestamp has to be a time such as 2026-01-31T12:00:00Z") from error
    return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
