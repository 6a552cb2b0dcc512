"""Workers by id or name, apart from their versions: `workers/workers`, which Terraform's provider uses."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Conflict, Invalid, NotThere, script_missing
from localedge.requests import SCRIPT_NAME, SCRIPT_NAMES, flag, page_of, read_object
from localedge.resources import ACCOUNT
from localedge.resources.settings import observability
from localedge.state.model import Script, utc_now
from localedge.workers.references import SERVICE
from localedge.workers.upload_form import refuse_unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

WORKERS = ACCOUNT + "/workers/workers"
WORKER = WORKERS + "/{worker}"

SETTINGS = ("logpush", "observability", "tags")
ORDERS = ("deployed_on", "updated_on", "created_on", "name")

COVERAGE = (
    Endpoint("GET", WORKERS, "list (`page`, `per_page`, `order_by`, `order`)", (Client.PYTHON_SDK,)),
    Endpoint("POST", WORKERS, "make one that has no version yet", (Client.PYTHON_SDK,)),
    Endpoint(
        "GET",
        WORKER,
        "one, by id or name, with its address and what refers to it",
        (Client.WRANGLER, Client.PYTHON_SDK),
    ),
    Endpoint("PUT", WORKER, "replace its settings; it keeps its name", (Client.PYTHON_SDK,)),
    Endpoint("PATCH", WORKER, "change some of its settings", (Client.PYTHON_SDK,)),
    Endpoint("DELETE", WORKER, "delete it", (Client.PYTHON_SDK,)),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    workers = Workers(edge)
    return [
        Route(WORKERS, workers.list_all, methods=["GET"]),
        Route(WORKERS, workers.create, methods=["POST"]),
        Route(WORKER, workers.get, methods=["GET"]),
        Route(WORKER, workers.replace, methods=["PUT"]),
        Route(WORKER, workers.change, methods=["PATCH"]),
        Route(WORKER, workers.delete, methods=["DELETE"]),
    ]


def worker_of(edge: Edge, request: Request) -> Script:
    """The Worker whose id or name is in the path."""
    wanted = str(request.path_params["worker"])
    found = edge.workers.script(wanted)
    if found is None:
        found = next((script for script in edge.workers.scripts() if script.tag == wanted), None)
    if found is None:
        raise script_missing(wanted)
    return found


class Workers:
    """What of a Worker belongs to no version."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_all(self, request: Request) -> Response:
        page = page_of(request, size=10, size_max=100)
        order = request.query_params.get("order_by", "name")
        if order not in ORDERS:
            raise Invalid(CODE_MALFORMED, f"order_by has to be one of {', '.join(ORDERS)}")
        found = [self._show(script) for script in self._edge.workers.scripts()]
        found.sort(key=lambda one: one[order] or "", reverse=request.query_params.get("order") == "desc")
        items = page.cut(found)
        return ok(items, info=page.info(count=len(items), total=len(found)))

    async def create(self, request: Request) -> Response:
        body = await read_object(request)
        name, now = _name(body), utc_now()
        if self._edge.workers.script(name) is not None:
            raise Conflict(CODE_MALFORMED, f"a Worker named {name} is there already")
        made = Script(name=name, tag=uuid.uuid4().hex, created_on=now, modified_on=now)
        return await self._stored(_changed(made, body))

    async def get(self, request: Request) -> Response:
        return ok(self._show(worker_of(self._edge, request)))

    async def replace(self, request: Request) -> Response:
        """What is not named is as it is for a new one."""
        script, body = worker_of(self._edge, request), await read_object(request)
        kept = {name: value for name, value in script.settings.items() if name not in SETTINGS}
        return await self._stored(
            _changed(replace(script, settings=kept, workers_dev=None, previews=None), body)
        )

    async def change(self, request: Request) -> Response:
        """What is not named stays as it is."""
        return await self._stored(_changed(worker_of(self._edge, request), await read_object(request)))

    async def delete(self, request: Request) -> Response:
        name = worker_of(self._edge, request).name
        await self._edge.releases.delete(name, force=flag(request, "force"))
        await self._edge.addressing.publish()
        await self._edge.runtime.forget_previews(name)
        self._edge.tails.close_all(name)
        return ok(None)

    async def _stored(self, script: Script) -> Response:
        self._edge.workers.put_script(replace(script, modified_on=utc_now()))
        await self._edge.addressing.publish()
        await self._edge.runtime.forget_previews(script.name)
        return ok(self._show(script))

    def _show(self, script: Script) -> dict[str, Any]:
        deployment = self._edge.workers.current_deployment(script.name)
        return {
            "id": script.tag,
            "name": script.name,
            "created_on": script.created_on,
            "updated_on": script.modified_on,
            "deployed_on": deployment.created_on if deployment else None,
            "tags": script.settings.get("tags") or [],
            "logpush": bool(script.settings.get("logpush")),
            "observability": observability(script),
            "tail_consumers": [],
            "references": self._references(script),
            # wrangler prints the host of this address as the Worker's.
            "subdomain": {
                "enabled": script.at_own_address,
                "previews_enabled": script.has_previews,
                "url": self._edge.addresses.worker_url(script.name),
                "preview_url_suffix": self._edge.addresses.preview_suffix(script.name),
            },
        }

    def _references(self, script: Script) -> dict[str, Any]:
        """What would miss the Worker if it were gone."""
        users = self._edge.references.to(script.name)
        consumers = [one for one in self._edge.queues.consumers() if one.script == script.name]
        return {
            "dispatch_namespace_outbounds": [],
            "domains": [
                {
                    "id": domain.id,
                    "certificate_id": "",  # there is no TLS here, so there are no certificates
                    "hostname": domain.hostname,
                    "zone_id": domain.zone_id,
                    "zone_name": zone.name if (zone := self._edge.zones.zone(domain.zone_id)) else "",
                }
                for domain in self._edge.zones.domains()
                if domain.service == script.name
            ],
            "durable_objects": [
                {
                    "namespace_id": one.binding.get("namespace_id", ""),
                    "namespace_name": f"{script.name}_{one.binding.get('class_name', '')}",
                    "worker_id": self._edge.workers.tag_of(one.by),
                    "worker_name": one.by,
                }
                for one in users
                if one.binding["type"] != SERVICE
            ],
            "queues": [
                {
                    "queue_consumer_id": one.id,
                    "queue_id": one.queue_id,
                    "queue_name": queue.name if (queue := self._edge.queues.get(one.queue_id)) else "",
                }
                for one in consumers
            ],
            "workers": [
                {"id": self._edge.workers.tag_of(one.by), "name": one.by}
                for one in users
                if one.binding["type"] == SERVICE
            ],
        }


def _name(body: Mapping[str, Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not SCRIPT_NAME.fullmatch(name):
        message = f"name is not valid: {SCRIPT_NAMES}"
        raise Invalid(CODE_MALFORMED, message)
    return name


def _changed(script: Script, body: Mapping[str, Any]) -> Script:
    """A Worker with the settings that a request names."""
    refuse_unsupported(body)
    if body.get("name", script.name) != script.name:
        raise NotThere("renaming a Worker")
    if body.get("previews_base_config"):
        raise NotThere("previews_base_config")
    tags = body.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Invalid(CODE_MALFORMED, "tags has to be a list of texts")
    settings = {name: body[name] for name in SETTINGS if body.get(name) is not None}
    return _switched(replace(script, settings={**script.settings, **settings}), body.get("subdomain"))


def _switched(script: Script, switches: object) -> Script:
    """A Worker with its two switches turned, as far as they are named."""
    if switches is None:
        return script
    if not isinstance(switches, dict):
        raise Invalid(CODE_MALFORMED, "subdomain has to be an object")
    enabled = switches.get("enabled", script.workers_dev)
    previews = switches.get("previews_enabled", script.previews)
    if not all(value is None or isinstance(value, bool) for value in (enabled, previews)):
        raise Invalid(CODE_MALFORMED, "enabled and previews_enabled have to be true or false")
    return replace(script, workers_dev=enabled, previews=previews)
