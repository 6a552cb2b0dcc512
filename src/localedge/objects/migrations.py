"""The rules of migrations, without acts: how a Worker's classes of Durable Objects become others.

The error codes and sentences are the platform's, as clients have reported them, e.g. in
https://github.com/cloudflare/workers-sdk/issues/705 and /10246.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_NOT_THERE, CODE_VALIDATION, Invalid
from localedge.objects.errors import (
    CODE_CLASS_CONFLICT,
    CODE_MIGRATION_TAG,
    CODE_NEW_CLASS_NOT_EXPORTED,
    CODE_NO_CLASS,
    CODE_NOT_EXPORTED_ANY_MORE,
)
from localedge.runtime import ObjectClass

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

STEPS_MAX = 1000
CLASSES_MAX = 500
"""So many classes an account may have on the platform
(https://developers.cloudflare.com/durable-objects/platform/limits/)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One migration. `renamed` are pairs of the old name and the new."""

    new: tuple[str, ...] = ()
    new_sqlite: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Migrations:
    """What an upload asks for. `old_tag` is the tag that the Worker has to have before, None for none."""

    old_tag: str | None
    new_tag: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Classes:
    """A Worker's classes, by their names, and the tag of its last migration."""

    tag: str | None = None
    by_name: Mapping[str, ObjectClass] = field(default_factory=dict)

    def by_id(self, namespace_id: str) -> ObjectClass | None:
        return next((one for one in self.by_name.values() if one.namespace_id == namespace_id), None)


def read_migrations(value: object) -> Migrations | None:
    """The `migrations` of an upload's metadata, with `steps` or as one step; None when there are none."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Invalid(CODE_VALIDATION, "migrations has to be an object")
    steps = value.get("steps")
    if steps is None:
        steps = [value]
    if (
        not isinstance(steps, list)
        or len(steps) > STEPS_MAX
        or not all(isinstance(one, dict) for one in steps)
    ):
        raise Invalid(CODE_VALIDATION, f"migrations.steps has to be a list of at most {STEPS_MAX} objects")
    return Migrations(_tag(value, "old_tag"), _tag(value, "new_tag"), tuple(_step(one) for one in steps))


def migrated(before: Classes, migrations: Migrations) -> Classes:
    """The classes after all steps; `Invalid` when one of them cannot be done."""
    if migrations.old_tag != before.tag:
        message = f"Migration tag precondition failed; current tag is {before.tag or 'not set'}"
        raise Invalid(CODE_MIGRATION_TAG, message)
    by_name = dict(before.by_name)
    for step in migrations.steps:
        _apply(step, by_name)
    if len(by_name) > CLASSES_MAX:
        raise Invalid(CODE_CLASS_CONFLICT, f"a Worker may have at most {CLASSES_MAX} Durable Object classes")
    return Classes(migrations.new_tag or before.tag, by_name)


def check_exported(before: Classes, after: Classes, exported: Collection[str]) -> None:
    """Whether the new code has every class that it has to have."""
    known = {one.namespace_id for one in before.by_name.values()}
    for name, one in after.by_name.items():
        if name in exported:
            continue
        if one.namespace_id in known:
            message = (
                f"New version of script does not export class '{name}' which is depended on by existing"
                " Durable Objects. If you want to delete them and their data, use a delete-class migration."
            )
            raise Invalid(CODE_NOT_EXPORTED_ANY_MORE, message)
        kind = "new-sqlite-class" if one.sql else "new-class"
        message = f"Cannot apply {kind} migration to class '{name}' that is not exported by script"
        raise Invalid(CODE_NEW_CLASS_NOT_EXPORTED, message)


def check_deleted(before: Classes, after: Classes, bound: Collection[str]) -> None:
    """A class that is bound cannot be deleted."""
    kept = {one.namespace_id for one in after.by_name.values()}
    for name, one in before.by_name.items():
        if one.namespace_id not in kept and name in bound and name not in after.by_name:
            message = (
                f"Cannot apply --delete-class migration to class '{name}' without also removing the binding"
                " that references it."
            )
            raise Invalid(CODE_NO_CLASS, message)


def _apply(step: Step, by_name: dict[str, ObjectClass]) -> None:
    targets = [*step.new, *step.new_sqlite, *step.deleted, *(new for _, new in step.renamed)]
    for name in targets:
        if targets.count(name) > 1:
            raise Invalid(
                CODE_CLASS_CONFLICT, f"class '{name}' cannot be the target of more than one migration"
            )
    for name in step.deleted:
        if by_name.pop(name, None) is None:
            raise _conflict("delete-class", name, "has no Durable Objects")
    for old, new in step.renamed:
        found = by_name.pop(old, None)
        if found is None:
            raise _conflict("rename-class", old, "has no Durable Objects")
        if new in by_name:
            raise _conflict("rename-class", new, "is already depended on by existing Durable Objects")
        by_name[new] = ObjectClass(new, found.namespace_id, found.sql)
    for name in (*step.new, *step.new_sqlite):
        sql = name in step.new_sqlite
        if name in by_name:
            kind = "new-sqlite-class" if sql else "new-class"
            raise _conflict(kind, name, "is already depended on by existing Durable Objects")
        by_name[name] = ObjectClass(name, uuid.uuid4().hex, sql)


def _conflict(kind: str, name: str, why: str) -> Invalid:
    return Invalid(CODE_CLASS_CONFLICT, f"Cannot apply {kind} migration to class '{name}' that {why}")


def _step(value: Mapping[str, Any]) -> Step:
    if value.get("transferred_classes"):
        message = "transferred_classes: the platform has this, the local edge does not (yet)"
        raise Invalid(CODE_NOT_THERE, message)
    return Step(
        new=_names(value, "new_classes"),
        new_sqlite=_names(value, "new_sqlite_classes"),
        renamed=_renames(value),
        deleted=_names(value, "deleted_classes"),
    )


def _names(value: Mapping[str, Any], field_name: str) -> tuple[str, ...]:
    names = value.get(field_name) or []
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise Invalid(CODE_VALIDATION, f"migrations: {field_name} has to be a list of names")
    return tuple(names)


def _renames(value: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    renames = value.get("renamed_classes") or []
    try:
        pairs = tuple((one["from"], one["to"]) for one in renames)
    except (TypeError, KeyError) as error:
        message = "migrations: every entry of renamed_classes needs `from` and `to`"
        raise Invalid(CODE_VALIDATION, message) from error
    if not all(isinstance(name, str) and name for pair in pairs for name in pair):
        raise Invalid(CODE_VALIDATION, "migrations: renamed_classes has to have names")
    return pairs


def _tag(value: Mapping[str, Any], field_name: str) -> str | None:
    tag = value.get(field_name)
    if tag is not None and not isinstance(tag, str):
        raise Invalid(CODE_VALIDATION, f"migrations: {field_name} has to be a text")
    return tag or None
