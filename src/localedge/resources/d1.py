"""D1 databases: create, list, one, change, delete."""

from __future__ import annotations

import dataclasses
import re
import uuid
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, Client, Endpoint
from localedge.d1.refusals import (
    CODE_NAME_TAKEN,
    CODE_TOO_MANY_DATABASES,
    database_missing,
    malformed,
)
from localedge.d1.table import Database, NameTaken
from localedge.envelope import ok
from localedge.errors import Invalid
from localedge.requests import page_of, read_object
from localedge.resources import DATABASES
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
DATABASES_MAX = 100
REPLICATION_MODES = ("auto", "disabled")
ONE = DATABASES + "/{database}"

COVERAGE = (
    Endpoint("GET", DATABASES, "list (`page`, `per_page`, `name`)", ALL),
    Endpoint("POST", DATABASES, "create (`name`; a location or jurisdiction has no effect)", ALL),
    Endpoint("GET", ONE, "one, by id or name (`fields`)", ALL),
    Endpoint("PUT", ONE, "read replication, which is remembered and has no effect", (Client.PYTHON_SDK,)),
    Endpoint("PATCH", ONE, "read replication, which is remembered and has no effect", (Client.PYTHON_SDK,)),
    Endpoint("DELETE", ONE, "delete with its content and history", ALL),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    databases = Databases(edge)
    return [
        Route(DATABASES, databases.list_all, methods=["GET"]),
        Route(DATABASES, databases.create, methods=["POST"]),
        Route(ONE, databases.get, methods=["GET"]),
        Route(ONE, databases.change, methods=["PUT", "PATCH"]),
        Route(ONE, databases.delete, methods=["DELETE"]),
    ]


def database_of(edge: Edge, request: Request) -> Database:
    """The database in the path, by its id or its name."""
    named = str(request.path_params["database"])
    found = edge.d1.table.find(named)
    if found is None:
        raise database_missing(named)
    return found


class Databases:
    """What there is to query."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._d1 = edge.d1

    async def list_all(self, request: Request) -> Response:
        """Newest first; with `name`, those whose name has it as a part."""
        wanted = request.query_params.get("name", "")
        found = [database for database in self._d1.table.all() if wanted in database.name]
        page = page_of(request, size=1000, size_max=10_000)
        items = page.cut(found)
        return ok([_listed(item) for item in items], info=page.info(count=len(items), total=len(found)))

    async def create(self, request: Request) -> Response:
        body = await read_object(request)
        jurisdiction = body.get("jurisdiction")
        if jurisdiction is not None and not isinstance(jurisdiction, str):
            raise malformed("jurisdiction has to be a text")
        if len(self._d1.table.all()) >= DATABASES_MAX:
            raise Invalid(CODE_TOO_MANY_DATABASES, f"the local edge has at most {DATABASES_MAX} databases")
        database = Database(str(uuid.uuid4()), _name(body), utc_now(), jurisdiction=jurisdiction)
        try:
            self._d1.table.add(database)
        except NameTaken as taken:
            raise Invalid(CODE_NAME_TAKEN, f"Database with name '{taken}' already exists") from taken
        try:
            await self._d1.histories.begin(database.id)
        except BaseException:
            self._d1.table.delete(database.id)
            raise
        return ok(await self._show(database))

    async def get(self, request: Request) -> Response:
        shown = await self._show(database_of(self._edge, request))
        fields = [name for name in request.query_params.get("fields", "").split(",") if name]
        return ok({name: shown[name] for name in fields if name in shown} if fields else shown)

    async def change(self, request: Request) -> Response:
        database = database_of(self._edge, request)
        replication = (await read_object(request)).get("read_replication")
        mode = replication.get("mode") if isinstance(replication, dict) else None
        if mode not in REPLICATION_MODES:
            raise malformed("read_replication has to be an object with mode auto or disabled")
        self._d1.table.replicate(database.id, mode)
        return ok(await self._show(dataclasses.replace(database, replication=mode)))

    async def delete(self, request: Request) -> Response:
        database = database_of(self._edge, request)
        self._d1.table.delete(database.id)
        await self._d1.histories.forget(database.id)
        return ok(None)

    async def _show(self, database: Database) -> dict[str, Any]:
        facts = await self._d1.store.facts(database.id)
        replication = {"mode": database.replication}
        return {**_listed(database), **facts, "read_replication": replication}


def _listed(database: Database) -> dict[str, Any]:
    return {
        "uuid": database.id,
        "name": database.name,
        "version": "production",
        "created_at": database.created_at,
        "jurisdiction": database.jurisdiction,
    }


def _name(body: dict[str, Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise malformed("name has to be 1 to 64 letters, digits, dashes and underscores")
    return name
