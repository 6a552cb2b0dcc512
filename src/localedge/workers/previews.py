"""Which version a preview address is for; its first label is `VERSION-WORKER` or `ALIAS-WORKER`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.workers import rules

if TYPE_CHECKING:
    from localedge.runtime import VersionSpec
    from localedge.state.model import Version
    from localedge.state.workers import WorkerTable
    from localedge.workers.processes import Processes


class PreviewFinder:
    """Reads the tables at each question: versions come, aliases move, switches are turned."""

    def __init__(self, table: WorkerTable, processes: Processes) -> None:
        self._table = table
        self._processes = processes

    def find(self, label: str) -> VersionSpec | None:
        """The version for a label; None if it names none, or one without a preview."""
        for prefix, name in readings(label):
            script = self._table.script(name)
            if script is not None and script.has_previews and (version := self._version(name, prefix)):
                return self._processes.spec(version, self._table.secrets(version.id))
        return None

    def _version(self, name: str, prefix: str) -> Version | None:
        version = self._table.version_at(name, prefix)
        if version is None or not rules.has_preview(version):
            return None
        latest = self._table.latest_version(name)
        return version if latest and rules.is_deployable(version, latest) else None


def readings(label: str) -> list[tuple[str, str]]:
    """Every way to read a label as what stands before a dash and the Worker's name after it."""
    return [(label[:dash], label[dash + 1 :]) for dash, letter in enumerate(label) if letter == "-"]
