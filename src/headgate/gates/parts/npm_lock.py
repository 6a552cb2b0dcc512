"""Whether npm's lock file is in step with package.json, and with what is installed. Works on parsed files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Table = Mapping[str, Any]

_KINDS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_MUST_BE_LOCKED = ("dependencies", "devDependencies")
_EXACT = re.compile(r"\d+\.\d+\.\d+(?:[-+][\w.+-]+)?")


def declared(manifest: Table) -> dict[str, dict[str, str]]:
    """What package.json asks for: kind -> name -> specification. An optional one is not counted twice."""
    kinds = {kind: dict(table(manifest.get(kind))) for kind in _KINDS}
    for name in kinds["optionalDependencies"]:
        kinds["dependencies"].pop(name, None)
    return kinds


def out_of_step(manifest: Table, lock: Table, member: str) -> list[str]:
    """What differs between package.json and the lock, one sentence each.

    `member` is the package's path from the lock's folder, '' for the folder itself.
    """
    if not isinstance(lock.get("packages"), Mapping):
        return _not_in_old_lock(declared(manifest), lock)
    packages = table(lock["packages"])
    if member not in packages:
        return [f"the lock file does not know the workspace {member}"]
    return [
        *_other_specifications(manifest, table(packages[member])),
        *_not_locked(manifest, packages, member),
    ]


def differently_installed(lock: Table, installed: Table) -> list[str]:
    """What npm's own record of node_modules has otherwise than the lock, one sentence each."""
    there, differences = table(installed.get("packages")), []
    for path, entry in table(lock.get("packages")).items():
        wanted, found = table(entry), table(there.get(path))
        if not path.startswith("node_modules/") or wanted.get("link"):
            continue
        name = path.removeprefix("node_modules/")
        if not found and not any(wanted.get(mark) for mark in ("dev", "optional", "devOptional", "peer")):
            differences.append(f"{name} is not installed")
        elif found and found.get("version") != wanted.get("version"):
            differences.append(f"{name} is installed as {found.get('version')}, not {wanted.get('version')}")
    return differences


def table(value: object) -> Table:
    """The value if it is a table, else an empty one: these files come from outside."""
    return value if isinstance(value, Mapping) else {}


def _not_in_old_lock(kinds: Mapping[str, Mapping[str, str]], lock: Table) -> list[str]:
    """Lock files before version 2 (npm 6) hold no specifications."""
    locked = table(lock.get("dependencies"))
    return [f"{name} is not in it" for kind in _MUST_BE_LOCKED for name in kinds[kind] if name not in locked]


def _other_specifications(manifest: Table, root: Table) -> list[str]:
    asked, locked = declared(manifest), declared(root)
    differences = []
    for kind in _KINDS:
        for name in sorted({*asked[kind], *locked[kind]}):
            ours, theirs = asked[kind].get(name), locked[kind].get(name)
            if ours != theirs:
                differences.append(
                    f"{name}: {_said(ours)} in package.json, {_said(theirs)} in the lock file ({kind})"
                )
    return differences


def _said(specification: str | None) -> str:
    return "nothing" if specification is None else f'"{specification}"'


def _not_locked(manifest: Table, packages: Table, member: str) -> list[str]:
    differences = []
    for kind in _MUST_BE_LOCKED:
        for name, specification in declared(manifest)[kind].items():
            entry = _resolved(name, packages, member)
            version = table(entry).get("version")
            if entry is None:
                differences.append(f"{name} has no entry in the lock file")
            elif _EXACT.fullmatch(str(specification)) and version not in (None, str(specification)):
                differences.append(
                    f"{name} is locked as {version}, and package.json asks for {specification}"
                )
    return differences


def _resolved(name: str, packages: Table, member: str) -> object | None:
    """The entry that a package finds: in its own node_modules, else in those of the folders around it."""
    parts = member.split("/") if member else []
    for length in range(len(parts), -1, -1):
        path = "/".join((*parts[:length], "node_modules", name))
        if path in packages:
            return packages[path]  # type: ignore[no-any-return]
    return None
