"""The application's parts in memory: the shop, its journal, a lock, and an engine that is not durable."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from headgate.domain.artifact import Bundle, Module
from headgate.domain.moves import Do
from headgate.engine.mover import Mover
from tests.unit.changes.stage import SCRIPTS, Shop, open_shop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headgate.domain.settings import Settings
    from headgate.engine.works import Works


@dataclass
class SomebodyElse:
    """Who holds the lock."""

    pid: int = 4711
    change_id: str = ""


@dataclass
class MemoryLock:
    """A lock that another process may hold."""

    taken_by: SomebodyElse | None = None
    ours: bool = False

    def try_acquire(self, change_id: str) -> bool:
        self.ours = self.ours or self.taken_by is None
        return self.ours and self.taken_by is None

    def release(self) -> None:
        self.ours = False

    def holder(self) -> SomebodyElse | None:
        return self.taken_by


class PlainEngine:
    """Carries a change to its end, and forgets everything if it is killed."""

    def __init__(self, works: Works) -> None:
        self._works = works

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to let go of."""

    def carry(self, change_id: str, *, partition: str) -> None:
        Mover(self._works, change_id).move_up_to(Do.STOP)


@dataclass
class Numbers:
    """Ids for changes."""

    last: int = 100

    def change_id(self) -> str:
        self.last += 1
        return f"n{self.last}"


@dataclass
class MemoryParts:
    """Parts on a shop in memory."""

    shop: Shop = field(default_factory=open_shop)
    lock: MemoryLock = field(default_factory=MemoryLock)
    ids: Numbers = field(default_factory=Numbers)
    sources: Mapping[str, bytes] = field(default_factory=dict)
    """What the build of an environment comes to; the same for all where nothing is said."""
    folder: Path = Path(".headgate")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the shop has of that name
        tools = self.shop.works.tools
        return getattr(tools, name)

    @property
    def settings(self) -> Settings:
        return self.shop.works.tools.settings

    @property
    def works(self) -> Works:
        return self.shop.works

    def script(self, environment: str) -> str:
        return SCRIPTS[environment]

    def build(self, environments: Sequence[str]) -> Mapping[str, Bundle]:
        return {name: self._bundle(self.sources.get(name, b"export default {}")) for name in environments}

    def warm_up(self) -> None:
        """Nothing here takes long."""

    def durable_engine(self) -> PlainEngine:
        return PlainEngine(self.works)

    def _bundle(self, source: bytes) -> Bundle:
        module = Module("index.js", "application/javascript+module", source)
        return Bundle((module,), {"main_module": "index.js"})
