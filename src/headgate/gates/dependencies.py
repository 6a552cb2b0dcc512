"""The gate `dependencies`: the lock file is there, in step with package.json and with what is installed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from headgate.domain.gate import Finding, GateResult, Verdict
from headgate.gates.parts.files import read_at_most
from headgate.gates.parts.npm_lock import declared, differently_installed, out_of_step, table

if TYPE_CHECKING:
    from pathlib import Path

    from headgate.gates import GateRequest

LOCKS = {
    "npm-shrinkwrap.json": "npm",
    "package-lock.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
"""Lock file -> its package manager, in the order in which they count."""

NAMED_MAX = 10
"""How many differences are named."""
FOLDERS_UP_MAX = 20
FILE_BYTES_MAX = 64 * 1024 * 1024


class Rule(StrEnum):
    """What this gate can find."""

    MANIFEST_UNREADABLE = "manifest-unreadable"
    LOCK_MISSING = "lock-missing"
    LOCK_UNREADABLE = "lock-unreadable"
    LOCK_OUT_OF_STEP = "lock-out-of-step"
    LOCK_NOT_COMPARED = "lock-not-compared"
    SEVERAL_LOCKS = "several-locks"
    INSTALLED_DIFFERS = "installed-differs"


@dataclass(slots=True)
class _Package:
    """The npm package that the Worker is built in, and what was found about it."""

    folder: Path
    project: Path
    manifest: dict[str, Any] = field(default_factory=dict)
    lock: Path | None = None
    findings: list[Finding] = field(default_factory=list)

    def find(self, rule: Rule, what: str, path: Path, remedy: str, verdict: Verdict = Verdict.FAIL) -> None:
        self.findings.append(Finding(rule, verdict, what, _shown(path, self.project), remedy))

    @property
    def asks_for(self) -> int:
        """How many packages it needs."""
        return sum(
            len(names) for kind, names in declared(self.manifest).items() if kind != "peerDependencies"
        )


class DependenciesGate:
    """Without a lock file in step, the build of today is not the build of tomorrow."""

    name = "dependencies"

    def check(self, request: GateRequest) -> GateResult:
        """Look at the npm package that the project is, or lies in."""
        project = request.tools.project
        folder = next((place for place in _upwards(project) if (place / "package.json").is_file()), None)
        if folder is None:
            return GateResult(self.name, "no package.json: the Worker has no npm dependencies")
        package = _Package(folder, project)
        manifest = _json(folder / "package.json", package, Rule.MANIFEST_UNREADABLE, "Correct package.json.")
        if manifest is None:
            return GateResult(self.name, "package.json cannot be read", tuple(package.findings))
        package.manifest = manifest
        if not package.asks_for:
            return GateResult(self.name, "package.json asks for no dependencies")
        _check_lock(package)
        return GateResult(self.name, _summary(package), tuple(package.findings), _facts(package))


def _check_lock(package: _Package) -> None:
    package.lock = _find_lock(package)
    if package.lock is None:
        what = "There is no lock file, so nobody knows which versions the Worker was built with."
        remedy = "Run `npm install` (or that of your package manager) and commit the lock file it writes."
        package.find(Rule.LOCK_MISSING, what, package.folder / "package.json", remedy)
    elif LOCKS[package.lock.name] == "npm":
        _compare(package, package.lock)
    else:
        what = (
            f"{package.lock.name} is there, but was not compared with package.json: Headgate cannot read it."
        )
        remedy = (
            f"Let your build run `{LOCKS[package.lock.name]} install --frozen-lockfile`, which compares them."
        )
        package.find(Rule.LOCK_NOT_COMPARED, what, package.lock, remedy, Verdict.WARN)


def _find_lock(package: _Package) -> Path | None:
    """The lock file beside package.json, else at the root of the workspace that the package belongs to."""
    for folder in _upwards(package.folder):
        found = [folder / name for name in LOCKS if (folder / name).is_file()]
        if folder != package.folder and not _is_workspace_root(folder):
            continue
        if len({LOCKS[lock.name] for lock in found}) > 1:
            what = f"Several package managers left a lock file: {', '.join(lock.name for lock in found)}."
            remedy = "Keep the one of the package manager you use, and remove the others."
            package.find(Rule.SEVERAL_LOCKS, what, folder / "package.json", remedy, Verdict.WARN)
        if found:
            manager = str(package.manifest.get("packageManager", "")).partition("@")[0]
            return next((lock for lock in found if LOCKS[lock.name] == manager), found[0])
    return None


def _is_workspace_root(folder: Path) -> bool:
    if (folder / "pnpm-workspace.yaml").is_file():
        return True
    try:
        return "workspaces" in json.loads((folder / "package.json").read_bytes())
    except (OSError, ValueError, TypeError):
        return False


def _compare(package: _Package, path: Path) -> None:
    merge = "If a merge went wrong, take one side's file; then run `npm install` and commit it."
    lock = _json(path, package, Rule.LOCK_UNREADABLE, merge)
    if lock is None:
        return
    member = package.folder.relative_to(path.parent).as_posix().removeprefix(".")
    _name(package, Rule.LOCK_OUT_OF_STEP, path, out_of_step(package.manifest, lock, member))
    installed = path.parent / "node_modules" / ".package-lock.json"
    if installed.is_file() and isinstance(lock.get("packages"), dict):
        record = _json(installed, package, Rule.LOCK_UNREADABLE, "Run `npm ci`.")
        _name(package, Rule.INSTALLED_DIFFERS, installed, differently_installed(lock, table(record)))


def _name(package: _Package, rule: Rule, path: Path, differences: list[str]) -> None:
    """One finding that names the first differences, and says how many more there are."""
    if not differences:
        return
    more = f"; and {len(differences) - NAMED_MAX} more" if len(differences) > NAMED_MAX else ""
    said = "; ".join(differences[:NAMED_MAX]) + more
    if rule is Rule.INSTALLED_DIFFERS:
        what = f"The Worker was built with packages other than those in the lock file: {said}."
        package.find(rule, what, path, "Run `npm ci`, then `headgate test`, then release again.")
    else:
        what = f"The lock file is not in step with package.json: {said}."
        package.find(rule, what, path, "Run `npm install`, commit the lock file, then run `headgate test`.")


def _upwards(start: Path) -> list[Path]:
    """The folder and those around it, up to that of the git repository; only itself outside of one."""
    folders = [start, *start.parents][:FOLDERS_UP_MAX]
    root = next((number for number, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    return folders[: root + 1]


def _json(path: Path, package: _Package, rule: Rule, remedy: str) -> dict[str, Any] | None:
    try:
        data = json.loads(read_at_most(path, FILE_BYTES_MAX))
    except (OSError, ValueError, RecursionError) as error:
        package.find(rule, f"{path.name} cannot be read: {error}.", path, remedy)
        return None
    if isinstance(data, dict):
        return data
    package.find(rule, f"{path.name} is not a table of fields.", path, remedy)
    return None


def _shown(path: Path, project: Path) -> str:
    import os

    return os.path.relpath(path, project)


def _summary(package: _Package) -> str:
    if any(finding.verdict is Verdict.FAIL for finding in package.findings):
        return (
            "the dependencies are not pinned"
            if package.lock is None
            else f"{package.lock.name} does not hold"
        )
    compared = "is there" if package.findings else "is in step"
    return f"{package.lock.name if package.lock else ''} {compared}, {package.asks_for} direct dependencies"


def _facts(package: _Package) -> dict[str, object]:
    lock = _shown(package.lock, package.project) if package.lock else ""
    return {"lock": lock, "direct_dependencies": package.asks_for}
