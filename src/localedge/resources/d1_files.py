"""D1 import and export: a file is uploaded and run as one transaction, or written and served."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse, Response
from starlette.routing import Route

from localedge.coverage import ALL, Client, Endpoint
from localedge.d1.refusals import malformed
from localedge.d1.statements import statements
from localedge.envelope import ok
from localedge.errors import Invalid, no_route
from localedge.requests import read_object
from localedge.resources.d1 import ONE, database_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from localedge.d1.files import Link
    from localedge.d1.table import Database
    from localedge.edge import Edge

UPLOAD = "/d1/imports/{token}"
DOWNLOAD = "/d1/exports/{token}"
OUTCOMES_MAX = 100

COVERAGE = (
    Endpoint(
        "POST",
        f"{ONE}/import",
        "`init`, `ingest` and `poll` of an SQL file",
        (Client.WRANGLER, Client.PYTHON_SDK),
    ),
    Endpoint("POST", f"{ONE}/export", "as an SQL file (`no_schema`, `no_data`, `tables`)", ALL),
    Endpoint("PUT", UPLOAD, "takes the file; its address is the secret", (Client.WRANGLER,)),
    Endpoint("GET", DOWNLOAD, "serves the file for an hour; its address is the secret", (Client.WRANGLER,)),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    files = SqlFiles(edge)
    return [
        Route(f"{ONE}/import", files.take, methods=["POST"]),
        Route(f"{ONE}/export", files.give, methods=["POST"]),
        Route(UPLOAD, files.upload, methods=["PUT"]),
        Route(DOWNLOAD, files.download, methods=["GET"]),
    ]


class SqlFiles:
    """Both are done when the request is answered: to poll tells the outcome once more."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._d1 = edge.d1
        self._outcomes: dict[str, dict[str, Any]] = {}

    async def take(self, request: Request) -> Response:
        database, body = database_of(self._edge, request), await read_object(request)
        match body.get("action"):
            case "init":
                return ok(self._begun(database, _text(body, "etag")))
            case "ingest":
                link = self._d1.files.uploaded(database.id, _text(body, "etag"))
                return ok(await self._ingested(database, link))
            case "poll":
                idle = {"success": False, "type": "import", "error": "Not currently importing anything."}
                return ok({"messages": [], **self._outcomes.get(database.id, idle)})
            case _:
                raise malformed("action has to be init, ingest or poll")

    async def upload(self, request: Request) -> Response:
        link = self._link(request)
        body = await request.body()
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        if etag != link.etag:
            raise malformed(f"the file's MD5 is {etag}, announced was {link.etag}")
        await asyncio.to_thread(link.path.write_bytes, body)
        return Response(headers={"ETag": f'"{etag}"'})

    async def give(self, request: Request) -> Response:
        database, body = database_of(self._edge, request), await read_object(request)
        if body.get("output_format", "polling") != "polling":
            raise malformed("output_format has to be polling")
        text = await self._d1.store.dump(database.id, **_dump_options(body))
        link = self._d1.files.add(database.id)
        await asyncio.to_thread(link.path.write_text, text, encoding="utf-8")
        url = self._edge.addresses.api_origin + DOWNLOAD.format(token=link.token)
        at = await self._d1.histories.of(database.id).bookmark()
        filename = f"{database.name}.sql"
        return ok(_outcome("export", at, [], {"filename": filename, "signed_url": url}))

    async def download(self, request: Request) -> Response:
        link = self._link(request)
        return FileResponse(link.path, media_type="application/sql")

    def _begun(self, database: Database, etag: str) -> dict[str, Any]:
        link = self._d1.files.add(database.id, etag)
        url = self._edge.addresses.api_origin + UPLOAD.format(token=link.token)
        return {
            "upload_url": url,
            "filename": f"{etag}.sql",
            "success": True,
            "type": "import",
            "messages": [],
        }

    async def _ingested(self, database: Database, link: Link) -> dict[str, Any]:
        outcome = await self._run(database, await asyncio.to_thread(link.path.read_bytes))
        self._d1.files.remove(link)
        self._outcomes.pop(database.id, None)
        self._outcomes[database.id] = outcome
        if len(self._outcomes) > OUTCOMES_MAX:
            self._outcomes.pop(next(iter(self._outcomes)))
        return outcome

    async def _run(self, database: Database, sql: bytes) -> dict[str, Any]:
        history = self._d1.histories.of(database.id)
        try:
            found = await asyncio.to_thread(_parted, sql)
            cost = await self._d1.store.ingest(database.id, found)
        except Invalid as refused:
            return _failure(await history.bookmark(), refused.message)
        at = await history.bookmark()
        meta = {
            "served_by": "localedge",
            "changed_db": cost["changes"] > 0,
            "last_row_id": 0,
            "size_after": cost["file_size"],
            **cost,
        }
        result = {"num_queries": len(found), "final_bookmark": at, "meta": meta}
        return _outcome("import", at, [f"Processed {len(found)} queries."], result)

    def _link(self, request: Request) -> Link:
        link = self._d1.files.get(request.path_params["token"])
        if link is None or (request.method == "GET" and link.etag):
            raise no_route(request.url.path)
        return link


def _parted(sql: bytes) -> list[str]:
    try:
        return list(statements(sql.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise malformed("the file is not UTF-8 text") from error


def _outcome(kind: str, at: str, messages: list[str], result: dict[str, Any]) -> dict[str, Any]:
    return {
        "success": True,
        "type": kind,
        "at_bookmark": at,
        "status": "complete",
        "messages": messages,
        "result": result,
    }


def _failure(at: str, error: str) -> dict[str, Any]:
    told = {"error": error, "errors": [error], "messages": []}
    return {"success": False, "type": "import", "at_bookmark": at, "status": "error", **told}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise malformed(f"{name} has to be a text")
    return value


def _dump_options(body: dict[str, Any]) -> dict[str, Any]:
    options = body.get("dump_options") or {}
    if not isinstance(options, dict):
        raise malformed("dump_options has to be an object")
    tables = options.get("tables") or []
    if not isinstance(tables, list) or not all(isinstance(table, str) for table in tables):
        raise malformed("tables has to be a list of names")
    no_schema, no_data = bool(options.get("no_schema")), bool(options.get("no_data"))
    if no_schema and no_data:
        raise malformed("no_schema and no_data together leave nothing to export")
    return {"no_schema": no_schema, "no_data": no_data, "tables": tables}
