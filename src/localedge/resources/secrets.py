"""Secrets: set, list, remove. A text goes in and never comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_BINDING_MISSING, CODE_MALFORMED, Invalid, Missing
from localedge.requests import read_object, script_name, source_of
from localedge.resources import ACCOUNT, SCRIPT
from localedge.resources.lookup import script_of
from localedge.resources.workers_beta_versions import show_version
from localedge.workers.upload_form import read_annotations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge


COVERAGE = (
    Endpoint("GET", f"{SCRIPT}/secrets", "names", ALL),
    Endpoint("PUT", f"{SCRIPT}/secrets", "set one: makes a version and deploys it", ALL),
    Endpoint("GET", f"{SCRIPT}/secrets/{{secret}}", "one name", SDKS),
    Endpoint("DELETE", f"{SCRIPT}/secrets/{{secret}}", "remove: makes a version and deploys it", ALL),
    Endpoint("PATCH", f"{SCRIPT}/secrets-bulk", "set and remove many in one version", ALL),
    Endpoint(
        "PATCH",
        f"{ACCOUNT}/workers/workers/{{script}}/versions/latest",
        "set and remove secrets in a new version that does not serve yet",
        (Client.WRANGLER,),
    ),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    secrets = Secrets(edge)
    return [
        Route(f"{SCRIPT}/secrets", secrets.list_all, methods=["GET"]),
        Route(f"{SCRIPT}/secrets", secrets.put, methods=["PUT"]),
        Route(f"{SCRIPT}/secrets/{{secret}}", secrets.get, methods=["GET"]),
        Route(f"{SCRIPT}/secrets/{{secret}}", secrets.delete, methods=["DELETE"]),
        Route(f"{SCRIPT}/secrets-bulk", secrets.change_many, methods=["PATCH"]),
        Route(
            f"{ACCOUNT}/workers/workers/{{script}}/versions/latest",
            secrets.change_in_new_version,
            methods=["PATCH"],
        ),
    ]


class Secrets:
    """Names that come out, texts that do not."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_all(self, request: Request) -> Response:
        """The names in the latest version: those that the next upload inherits."""
        return ok([_show(name) for name in self._names(request)])

    async def get(self, request: Request) -> Response:
        return ok(_show(self._known_name(request)))

    async def put(self, request: Request) -> Response:
        name, text = _secret(await read_object(request))
        await self._edge.releases.change_secrets(
            script_name(request), {name: text}, source=source_of(request)
        )
        return ok(_show(name))

    async def delete(self, request: Request) -> Response:
        name = self._known_name(request)
        await self._edge.releases.change_secrets(
            script_name(request), {name: None}, source=source_of(request)
        )
        return ok(None)

    async def change_many(self, request: Request) -> Response:
        """`{"secrets": {NAME: {name, text, type} | null}}`: null removes."""
        changes = _changes((await read_object(request)).get("secrets"))
        await self._edge.releases.change_secrets(script_name(request), changes, source=source_of(request))
        return ok({name: _show(name) for name in self._names(request)})

    async def change_in_new_version(self, request: Request) -> Response:
        """`{"env": {NAME: {type, text} | null}, "annotations"}`: a new version that does not serve yet."""
        body = await read_object(request)
        version = await self._edge.releases.change_secrets_in_new_version(
            script_name(request),
            _changes(body.get("env")),
            source=source_of(request),
            annotations=read_annotations(body),
        )
        return ok(show_version(version))

    def _names(self, request: Request) -> list[str]:
        latest = self._edge.workers.latest_version(script_of(self._edge, request).name)
        return sorted(self._edge.releases.bindings_of(latest).secrets)

    def _known_name(self, request: Request) -> str:
        name = str(request.path_params["secret"])
        if name not in self._names(request):
            raise Missing(CODE_BINDING_MISSING, f"Binding '{name}' not found: the Worker has no such secret")
        return name


def _show(name: str) -> dict[str, str]:
    return {"name": name, "type": "secret_text"}


def _secret(entry: object, name: str | None = None) -> tuple[str, str]:
    """Name and text of one secret. What is wrong is told without the text."""
    if not isinstance(entry, dict) or entry.get("type", "secret_text") != "secret_text":
        raise Invalid(CODE_MALFORMED, "a secret has to be an object of type secret_text")
    found, text = entry.get("name", name), entry.get("text")
    if not isinstance(found, str) or not found or not isinstance(text, str):
        raise Invalid(CODE_MALFORMED, "a secret needs a name and a text")
    return found, text


def _changes(entries: object) -> Mapping[str, str | None]:
    if not isinstance(entries, dict) or not entries:
        raise Invalid(CODE_MALFORMED, "expected an object from secret names to secrets, or to null")
    return {name: None if entry is None else _secret(entry, name)[1] for name, entry in entries.items()}
