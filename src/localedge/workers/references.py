"""Which Workers depend on which: by service bindings, and by bindings to each other's Durable Objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.errors import Conflict, Invalid
from localedge.services.errors import CODE_SERVICE_IN_USE, CODE_SERVICE_OF_BINDING

if TYPE_CHECKING:
    from localedge.state.model import Binding
    from localedge.state.workers import WorkerTable

SERVICE, OBJECTS = "service", "durable_object_namespace"


@dataclass(frozen=True, slots=True)
class Reference:
    """A binding of Worker `by`, to Worker `to`."""

    by: str
    to: str
    binding: Binding


class References:
    """What the versions bind that serve, and the latest uploads."""

    def __init__(self, table: WorkerTable) -> None:
        self._table = table

    def to(self, name: str) -> list[Reference]:
        """Bindings of other Workers to this one, one of each Worker and kind."""
        found = [one for script in self._table.scripts() for one in self.by(script.name) if one.to == name]
        return [one for one in found if one.by != name]

    def by(self, name: str) -> list[Reference]:
        """Bindings of this Worker to Workers."""
        deployment = self._table.current_deployment(name)
        serving = (
            [self._table.version(name, version_id) for version_id in deployment.version_ids]
            if deployment
            else []
        )
        found: dict[tuple[str, str], Reference] = {}
        for version in (*serving, self._table.latest_version(name)):
            for binding in version.bindings if version else ():
                if to := _target(binding, name):
                    found[str(binding["name"]), to] = Reference(name, to, binding)
        return list(found.values())

    def check_unused(self, name: str) -> None:
        """`Conflict` when other Workers depend on this one."""
        others = sorted({one.by for one in self.to(name)})
        if others:
            message = (
                f"Worker {name} cannot be deleted: it is bound by {', '.join(others)}. Take the bindings out"
                " first, or repeat the request with ?force=true."
            )
            raise Conflict(CODE_SERVICE_IN_USE, message)

    def check_binding(self, binding: Binding) -> None:
        """`Invalid` when the Worker that is bound as a service is not there."""
        service = str(binding.get("service"))
        if self._table.script(service) is None:
            message = (
                f"Could not resolve service binding '{binding['name']}'. Target script '{service}' not found."
                " Please verify the target script and try again."
            )
            raise Invalid(CODE_SERVICE_OF_BINDING, message)


def _target(binding: Binding, own: str) -> str | None:
    if binding["type"] == SERVICE:
        return str(binding.get("service"))
    if binding["type"] == OBJECTS:
        return str(binding.get("script_name") or own)
    return None
