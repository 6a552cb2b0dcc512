"""D1 queries: statements with their results, as objects or as columns and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Endpoint
from localedge.d1.refusals import malformed, sql_refused
from localedge.d1.statements import statements
from localedge.d1.store import Statement
from localedge.envelope import ok
from localedge.requests import read_json
from localedge.resources.d1 import ONE, database_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

BODY_BYTES_MAX = 32 * 1024 * 1024
STATEMENTS_MAX = 10_000

COVERAGE = (
    Endpoint("POST", f"{ONE}/query", "statements or a `batch`, all or nothing; a result for each", ALL),
    Endpoint("POST", f"{ONE}/raw", "the same as `query`, with columns and rows", SDKS),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    queries = Queries(edge)
    return [
        Route(f"{ONE}/query", queries.query, methods=["POST"]),
        Route(f"{ONE}/raw", queries.raw, methods=["POST"]),
    ]


class Queries:
    """SQL from outside of a Worker."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def query(self, request: Request) -> Response:
        return await self._run(request, raw=False)

    async def raw(self, request: Request) -> Response:
        return await self._run(request, raw=True)

    async def _run(self, request: Request, *, raw: bool) -> Response:
        database = database_of(self._edge, request)
        wanted = _wanted(await read_json(request, bytes_max=BODY_BYTES_MAX))
        results = await self._edge.d1.store.query(database.id, wanted, raw=raw)
        # Noted before the answer, so that a time after it is after the commit.
        await self._edge.d1.histories.note(database.id)
        return ok(results)


def _wanted(body: object) -> list[Statement]:
    batch = body.get("batch") if isinstance(body, dict) and "batch" in body else [body]
    if not isinstance(batch, list):
        raise malformed("batch has to be a list of objects with sql and params")
    wanted = [statement for entry in batch for statement in _statements(entry)]
    if not wanted:
        raise sql_refused("No SQL statements detected.")
    if len(wanted) > STATEMENTS_MAX:
        raise malformed(f"at most {STATEMENTS_MAX} statements at a time, these are {len(wanted)}")
    return wanted


def _statements(entry: object) -> list[Statement]:
    if not isinstance(entry, dict) or not isinstance(entry.get("sql"), str):
        raise malformed("sql has to be a text")
    params = entry.get("params") or []
    if not isinstance(params, list):
        raise malformed("params has to be a list")
    found = [Statement(sql, [_value(value) for value in params]) for sql in statements(entry["sql"])]
    if params and len(found) > 1:
        raise sql_refused(
            "A prepared SQL statement must contain only one statement. See https://sqlite.org/lang.html"
        )
    return found


def _value(value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Booleans are numbers in SQLite; a list of numbers is a BLOB."""
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
        return value
    raise malformed("a parameter is a text, a number, null, or a list of bytes")
