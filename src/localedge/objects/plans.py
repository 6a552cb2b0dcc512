"""What an upload makes of a Worker's Durable Objects: classes after the migrations, bindings with ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localedge.errors import Invalid
from localedge.objects.errors import CODE_BEFORE_MIGRATION, CODE_MIGRATION_IN_VERSION, CODE_NO_CLASS
from localedge.objects.migrations import Classes, check_deleted, check_exported, migrated

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from localedge.objects.migrations import Migrations
    from localedge.objects.table import ObjectTable
    from localedge.state.model import Binding, Version

TYPE = "durable_object_namespace"


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """Before and after the migrations of an upload; `bindings` are all of its bindings."""

    before: Classes
    after: Classes
    bindings: tuple[Binding, ...]

    def check(self, exported: Collection[str]) -> None:
        """`Invalid` when the new code lacks a class that it has to have."""
        check_exported(self.before, self.after, exported)

    @property
    def kept(self) -> list[dict[str, Any]]:
        """The classes as they are kept with the version."""
        return [
            {"name": one.name, "namespace_id": one.namespace_id, "sql": one.sql}
            for one in self.after.by_name.values()
        ]


class ObjectPlans:
    """Plans uploads, and remembers what became of them."""

    def __init__(self, table: ObjectTable) -> None:
        self._table = table

    def plan(self, script: str, migrations: Migrations | None, bindings: Sequence[Binding]) -> ObjectPlan:
        """`Invalid` when the migrations cannot be applied, or a bound class has no objects."""
        before = self._table.classes(script)
        after = before if migrations is None else migrated(before, migrations)
        own = [binding for binding in bindings if _is_own(binding, script)]
        check_deleted(before, after, {str(binding.get("class_name")) for binding in own})
        resolved = tuple(self._resolved(binding, script, after) for binding in bindings)
        return ObjectPlan(before, after, resolved)

    def remember(self, script: str, plan: ObjectPlan, *, version: int) -> None:
        """To be called in the transaction that remembers the version."""
        if plan.after is not plan.before:
            self._table.put(script, plan.after, version=version)

    def check_deployable(self, version: Version) -> None:
        """`Invalid` for a version from before the last migration, or whose bound objects are gone."""
        script = version.script
        if version.number < self._table.migrated_by(script):
            message = (
                f"Version {version.id} of Worker {script} cannot be deployed: a Durable Object migration has"
                f" occurred since it was uploaded (the tag is {self._table.tag(script) or 'not set'} now)."
                " Upload its code again."
            )
            raise Invalid(CODE_BEFORE_MIGRATION, message)
        for binding in version.bindings:
            if binding["type"] == TYPE:
                self._table.check_binding(binding)

    def _resolved(self, binding: Binding, script: str, own: Classes) -> Binding:
        if binding["type"] != TYPE:
            return binding
        if _is_own(binding, script):
            return _bound(binding, own, f"class '{binding.get('class_name')}' because it")
        other = str(binding["script_name"])
        return _bound(binding, self._table.classes(other), f"class in script '{other}', which")


def check_without_migration(migrations: Migrations | None) -> None:
    """A version that does not serve at once may bring no migration."""
    if migrations is not None:
        message = (
            "Version upload failed. You attempted to upload a version of a Worker that includes a Durable"
            " Object migration, but migrations must be fully applied via a non-versioned deployment"
            " (wrangler deploy)."
        )
        raise Invalid(CODE_MIGRATION_IN_VERSION, message)


def _is_own(binding: Mapping[str, Any], script: str) -> bool:
    return binding["type"] == TYPE and binding.get("script_name") in (None, "", script)


def _bound(binding: Binding, classes: Classes, what: str) -> Binding:
    """With the namespace's id and the class's name of today; an inherited binding may have an older one."""
    found = classes.by_name.get(str(binding.get("class_name"))) or classes.by_id(
        str(binding.get("namespace_id"))
    )
    if found is None:
        message = (
            f"Cannot create binding for {what} is not currently configured to implement Durable Objects."
            " Ensure a --new-class migration has been applied to it."
        )
        raise Invalid(CODE_NO_CLASS, message)
    return {**binding, "class_name": found.name, "namespace_id": found.namespace_id}
