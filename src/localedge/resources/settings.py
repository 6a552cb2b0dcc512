"""Settings: a version's (bindings, compatibility) and the script's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, Endpoint
from localedge.envelope import ok
from localedge.multipart import parse_form
from localedge.objects.migrations import read_migrations
from localedge.requests import read_object, source_of
from localedge.resources import SCRIPT
from localedge.resources.lookup import script_of
from localedge.state.model import utc_now
from localedge.workers.bindings import resolve
from localedge.workers.drafts import draft_from_version
from localedge.workers.handlers import told
from localedge.workers.upload_form import (
    SCRIPT_SETTINGS,
    VERSION_EXTRAS,
    read_date,
    read_list,
    read_metadata,
    refuse_unsupported,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.state.model import Script, Version
    from localedge.workers.bindings import Bindings
    from localedge.workers.drafts import Draft

VERSION_SETTINGS = ("bindings", "migrations", "compatibility_date", "compatibility_flags", *VERSION_EXTRAS)


COVERAGE = (
    Endpoint("GET", f"{SCRIPT}/settings", "bindings and compatibility", ALL),
    Endpoint("PATCH", f"{SCRIPT}/settings", "a change makes a version and deploys it", ALL),
    Endpoint(
        "GET", f"{SCRIPT}/script-settings", "what belongs to no version: tags, logpush, observability", ALL
    ),
    Endpoint(
        "PATCH", f"{SCRIPT}/script-settings", "what belongs to no version: tags, logpush, observability", ALL
    ),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    settings = Settings(edge)
    return [
        Route(f"{SCRIPT}/settings", settings.get, methods=["GET"]),
        Route(f"{SCRIPT}/settings", settings.change, methods=["PATCH"]),
        Route(f"{SCRIPT}/script-settings", settings.get_script_settings, methods=["GET"]),
        Route(f"{SCRIPT}/script-settings", settings.change_script_settings, methods=["PATCH"]),
    ]


class Settings:
    """Settings of a Worker and of its latest version."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def get(self, request: Request) -> Response:
        """The latest version's settings with the script's."""
        return ok(self._show(script_of(self._edge, request)))

    async def change(self, request: Request) -> Response:
        """Script settings change in place; version settings make a new version, which is deployed at once."""
        script, body = script_of(self._edge, request), await _settings_body(request)
        if any(name in body for name in VERSION_SETTINGS):
            source = source_of(request)
            await self._edge.releases.change_settings(
                script.name, lambda latest, before: _changed(latest, before, body, source)
            )
        self._store_script_settings(script.name, body)
        return ok(self._show(script_of(self._edge, request)))

    async def get_script_settings(self, request: Request) -> Response:
        return ok(_show_script_settings(script_of(self._edge, request)))

    async def change_script_settings(self, request: Request) -> Response:
        self._store_script_settings(script_of(self._edge, request).name, await read_object(request))
        return ok(_show_script_settings(script_of(self._edge, request)))

    def _store_script_settings(self, name: str, body: Mapping[str, Any]) -> None:
        refuse_unsupported(body)
        changed = {setting: body[setting] for setting in SCRIPT_SETTINGS if setting in body}
        script = self._edge.workers.script(name)
        if changed and script is not None:
            settings = {**script.settings, **changed}
            self._edge.workers.put_script(replace(script, settings=settings, modified_on=utc_now()))

    def _show(self, script: Script) -> dict[str, Any]:
        shown = {"usage_model": "standard", "bindings": [], **_show_script_settings(script)}
        latest = self._edge.workers.latest_version(script.name)
        if latest is not None:
            shown |= {
                "bindings": [dict(binding) for binding in latest.bindings],
                "compatibility_date": latest.compatibility_date,
                "compatibility_flags": list(latest.compatibility_flags),
                **told(latest.extra),
            }
        return shown


def observability(script: Script) -> object:
    """The Worker's observability settings."""
    return script.settings.get("observability") or {"enabled": False}


async def _settings_body(request: Request) -> dict[str, Any]:
    """JSON, or the part `settings` of a form."""
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("multipart/"):
        return await read_object(request)
    return read_metadata(parse_form(content_type, await request.body()), "settings")


def _changed(latest: Version, before: Bindings, body: Mapping[str, Any], source: str) -> Draft:
    """The latest version with the settings that the request changes."""
    bindings, extra = before, {name: body[name] for name in VERSION_EXTRAS if name in body}
    if "bindings" in body:
        wanted = read_list(body, "bindings", dict)
        bindings = resolve(wanted, keep_types=frozenset(), before=before, strict=True)
    draft = draft_from_version(latest, bindings, source=source, annotations={})
    if "migrations" in body:
        draft = replace(draft, migrations=read_migrations(body["migrations"]))
    if "compatibility_date" in body:
        draft = replace(draft, compatibility_date=read_date(body))
    if "compatibility_flags" in body:
        draft = replace(draft, compatibility_flags=tuple(read_list(body, "compatibility_flags", str)))
    return replace(draft, extra={**draft.extra, **extra})


def _show_script_settings(script: Script) -> dict[str, Any]:
    return {
        "logpush": bool(script.settings.get("logpush")),
        "observability": observability(script),
        "tags": script.settings.get("tags") or [],
        "tail_consumers": script.settings.get("tail_consumers"),
    }
