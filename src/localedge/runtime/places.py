"""Where a runtime keeps what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from localedge.runtime.tools import Tools


@dataclass(frozen=True, slots=True)
class Places:
    """`folder` holds data, logs and configurations; `sockets` has a short path, and may be elsewhere."""

    folder: Path
    sockets: Path
    tools: Tools

    @property
    def storage_socket(self) -> Path:
        return self.sockets / "storage"

    @property
    def databases_socket(self) -> Path:
        return self.sockets / "databases"

    @property
    def cache_socket(self) -> Path:
        return self.sockets / "cache"

    @property
    def admin_socket(self) -> Path:
        return self.sockets / "admin"

    @property
    def producers_socket(self) -> Path:
        """Where queue bindings send to: the control plane answers it."""
        return self.sockets / "producers"

    @property
    def waker_socket(self) -> Path:
        return self.sockets / "waker"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def reach(self) -> Path:
        """Files that tell where versions and object hosts are reached now."""
        return self.configs / "reach"

    @property
    def configs(self) -> Path:
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"
