"""Scripts: upload and deploy at once, list, read the code, delete; `workers/services` is their old name."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from localedge.coverage import ALL, SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_NO_VERSIONS, Invalid, service_missing
from localedge.requests import flag, script_name, source_of
from localedge.resources import ACCOUNT, SCRIPT
from localedge.resources.lookup import script_of, version_of
from localedge.resources.versions import strict, upload_of
from localedge.workers.handlers import handlers_of, named_handlers_of
from localedge.workers.references import SERVICE

if TYPE_CHECKING:
    from starlette.requests import Request

    from localedge.edge import Edge
    from localedge.state.model import Script, Version
    from localedge.workers.references import Reference

ENVIRONMENT = "production"
"""The only environment of a service: the platform has kept the word, not the thing."""

BY_OLD_NAME = ACCOUNT + "/workers/services/{script}"


COVERAGE = (
    Endpoint("GET", f"{ACCOUNT}/workers/scripts", "all Workers", ALL),
    Endpoint("PUT", SCRIPT, "upload a version and give it all traffic", ALL),
    Endpoint("GET", SCRIPT, "the latest version's code, as a form", SDKS),
    Endpoint("DELETE", SCRIPT, "delete it", SDKS),
    Endpoint("GET", f"{SCRIPT}/content/v2", "the code; `?version=` picks a version", ALL),
    Endpoint(
        "GET",
        f"{SCRIPT}/references",
        "who depends on it: by service bindings, by Durable Objects",
        (Client.WRANGLER,),
    ),
    Endpoint(
        "GET",
        f"{ACCOUNT}/workers/tails/by-consumer/{{script}}",
        "who sends it their tail: nobody",
        (Client.WRANGLER,),
    ),
    Endpoint("GET", BY_OLD_NAME, "the Worker by its old name", (Client.WRANGLER,)),
    Endpoint("DELETE", BY_OLD_NAME, "delete it by its old name", (Client.WRANGLER,)),
    Endpoint("GET", f"{BY_OLD_NAME}/environments/{ENVIRONMENT}/content/v2", "the code"),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    scripts = Scripts(edge)
    content = f"{BY_OLD_NAME}/environments/{ENVIRONMENT}/content/v2"
    return [
        Route(f"{ACCOUNT}/workers/scripts", scripts.list_all, methods=["GET"]),
        Route(SCRIPT, scripts.upload, methods=["PUT"]),
        Route(SCRIPT, scripts.content, methods=["GET"]),
        Route(SCRIPT, scripts.delete, methods=["DELETE"]),
        Route(f"{SCRIPT}/content/v2", scripts.content, methods=["GET"]),
        Route(f"{SCRIPT}/references", scripts.references, methods=["GET"]),
        Route(f"{ACCOUNT}/workers/tails/by-consumer/{{script}}", scripts.tail_producers, methods=["GET"]),
        Route(BY_OLD_NAME, scripts.service, methods=["GET"]),
        Route(BY_OLD_NAME, scripts.delete_service, methods=["DELETE"]),
        Route(content, scripts.content, methods=["GET"]),
    ]


class Scripts:
    """Workers as a whole."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def upload(self, request: Request) -> Response:
        """Upload a version and give it all traffic."""
        version, deployment = await self._edge.releases.upload(
            script_name(request), await upload_of(request), source=source_of(request), strict=strict(request)
        )
        script = script_of(self._edge, request)
        shown = self._show(script, version) | {
            # Clients read the version's id from here, as on the platform.
            "deployment_id": version.id,
            "version_id": version.id,
            "entry_point": version.main_module,
            "startup_time_ms": version.startup_time_ms,
            "available_on_subdomain": script.at_own_address,
            "url": self._edge.addresses.worker_url(script.name),
            "deployed_on": deployment.created_on,
        }
        return ok(shown)

    async def list_all(self, request: Request) -> Response:
        scripts = self._edge.workers.scripts()
        return ok([self._show(script, self._edge.workers.latest_version(script.name)) for script in scripts])

    async def content(self, request: Request) -> Response:
        """The code of the latest version, or of the one in `?version=`, as the form it was uploaded in."""
        version = self._wanted_version(request)
        boundary = uuid.uuid4().hex
        return Response(
            b"".join(self._form(version, boundary)),
            media_type=f"multipart/form-data; boundary={boundary}",
            headers={"cf-entrypoint": version.main_module, "etag": version.etag},
        )

    async def delete(self, request: Request) -> Response:
        name = script_name(request)
        await self._edge.releases.delete(name, force=flag(request, "force"))
        await self._edge.addressing.publish()
        await self._edge.runtime.forget_previews(name)
        self._edge.tails.close_all(name)
        return ok({"id": name})

    async def delete_service(self, request: Request) -> Response:
        if self._edge.workers.script(script_name(request)) is None:
            raise service_missing(script_name(request))
        return await self.delete(request)

    async def service(self, request: Request) -> Response:
        name = script_name(request)
        script = self._edge.workers.script(name)
        if script is None:
            raise service_missing(name)
        shown = self._show(script, self._edge.workers.latest_version(name))
        environment = {
            "environment": ENVIRONMENT,
            "created_on": script.created_on,
            "modified_on": script.modified_on,
            "script": shown,
        }
        return ok(
            {
                "id": name,
                "created_on": script.created_on,
                "modified_on": script.modified_on,
                "default_environment": environment,
                "environments": [environment],
            }
        )

    async def references(self, request: Request) -> Response:
        """What depends on a Worker, and what it depends on."""
        name = script_of(self._edge, request).name
        incoming, outgoing = self._edge.references.to(name), self._edge.references.by(name)
        services = {
            "incoming": [_show_service(one.by, one) for one in incoming if one.binding["type"] == SERVICE],
            "outgoing": [_show_service(one.to, one) for one in outgoing if one.binding["type"] == SERVICE],
            "pages_function": False,
        }
        objects = [_show_objects(one) for one in (*outgoing, *incoming) if one.to == name]
        return ok({"services": services, "durable_objects": [one for one in objects if one]})

    async def tail_producers(self, request: Request) -> Response:
        """Workers whose tail is consumed by this one: none, as there are no tail Workers here."""
        script_of(self._edge, request)
        return ok([])

    def _show(self, script: Script, latest: Version | None) -> dict[str, Any]:
        tag = self._edge.objects.tag(script.name)
        return show_script(script, latest) | ({"migration_tag": tag} if tag else {})

    def _wanted_version(self, request: Request) -> Version:
        script = script_of(self._edge, request)
        if wanted := request.query_params.get("version"):
            return version_of(self._edge, script, wanted)
        latest = self._edge.workers.latest_version(script.name)
        if latest is None:
            raise Invalid(CODE_NO_VERSIONS, f"Worker {script.name} has no version yet")
        return latest

    def _form(self, version: Version, boundary: str) -> list[bytes]:
        chunks: list[bytes] = []
        for module in version.modules:
            disposition = f'form-data; name="{module.name}"; filename="{module.name}"'
            head = [
                f"--{boundary}",
                f"Content-Disposition: {disposition}",
                f"Content-Type: {module.content_type}",
            ]
            body = self._edge.releases.module_body(version, module)
            chunks += ["\r\n".join([*head, "", ""]).encode(), body, b"\r\n"]
        return [*chunks, f"--{boundary}--\r\n".encode()]


def show_script(script: Script, latest: Version | None) -> dict[str, Any]:
    """A script as the list, the upload and the service tell it."""
    shown: dict[str, Any] = {
        "id": script.name,
        "tag": script.tag,
        "tags": script.settings.get("tags"),
        "created_on": script.created_on,
        "modified_on": script.modified_on,
        "usage_model": "standard",
        "logpush": bool(script.settings.get("logpush")),
        "has_modules": latest is None or bool(latest.main_module),
        "has_assets": latest is not None and latest.assets is not None,
        "handlers": handlers_of(latest) if latest else [],
        "named_handlers": named_handlers_of(latest) if latest else [],
    }
    if latest is not None:
        shown |= {
            "etag": latest.etag,
            "last_deployed_from": latest.source,
            "compatibility_date": latest.compatibility_date,
            "compatibility_flags": list(latest.compatibility_flags),
        }
    return shown


def _show_service(name: str, reference: Reference) -> dict[str, Any]:
    return {
        "service": name,
        "environment": ENVIRONMENT,
        "name": reference.binding["name"],
        "entrypoint": reference.binding.get("entrypoint"),
    }


def _show_objects(reference: Reference) -> dict[str, Any] | None:
    if reference.binding["type"] == SERVICE:
        return None
    class_name = reference.binding.get("class_name")
    return {
        "service": reference.by,
        "environment": ENVIRONMENT,
        "name": reference.binding["name"],
        "durable_object_namespace_id": reference.binding.get("namespace_id"),
        "durable_object_namespace_name": f"{reference.to}_{class_name}",
    }
