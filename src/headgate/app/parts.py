"""What the application is given: the ports and what only it needs. `bootstrap` builds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from headgate.domain.artifact import Bundle
    from headgate.domain.settings import Settings
    from headgate.domain.wrangler_file import WranglerFile
    from headgate.engine.on_dbos import DurableEngine
    from headgate.engine.works import Works
    from headgate.ports import ArtifactStore, Ids, Journal, Platform, TestRunner


class Holder(Protocol):
    """The process that has the folder."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def change_id(self) -> str:
        """What it took the folder for."""


class Lock(Protocol):
    """One process at a time runs changes in a project's folder."""

    def try_acquire(self, change_id: str) -> bool:
        """Take it; False if it is taken."""

    def release(self) -> None:
        """Give it back."""

    def holder(self) -> Holder | None:
        """Who has it."""


class Parts(Protocol):
    """Each is made when it is first asked for: most commands need few of them."""

    @property
    def settings(self) -> Settings:
        """The project's settings."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables."""

    @property
    def folder(self) -> Path:
        """The state folder."""

    @property
    def journal(self) -> Journal:
        """The journal."""

    @property
    def lock(self) -> Lock:
        """The folder's lock."""

    @property
    def ids(self) -> Ids:
        """Names for changes."""

    @property
    def artifacts(self) -> ArtifactStore:
        """The bundles."""

    @property
    def platform(self) -> Platform:
        """The account. Raises HeadgateError if it cannot be found out which."""

    @property
    def test_runner(self) -> TestRunner:
        """Runs the project's tests."""

    @property
    def works(self) -> Works:
        """What the engine works with."""

    def script(self, environment: str) -> str:
        """The Worker's name in an environment, from the wrangler configuration. Raises ConfigError."""

    def wrangler(self) -> str:
        """Which wrangler builds, and on which Node. Raises ProjectError if either is missing."""

    def wrangler_file(self) -> WranglerFile:
        """The project's wrangler configuration. Raises ConfigError."""

    def why_unwritable(self, file: str) -> str:
        """Why a file of the project, or the folders it is to be in, cannot be made; '' if they can."""

    def measurements(self, script: str) -> str:
        """Ask the source of measurements about a Worker; what came, in words. Raises HeadgateError."""

    def free_bytes(self) -> int:
        """Free room where the state folder is."""

    def build(self, environments: Sequence[str]) -> Mapping[str, Bundle]:
        """Build for several environments at once. Raises ProjectError."""

    def warm_up(self) -> None:
        """Begin to load what takes long, beside whatever happens meanwhile."""

    def durable_engine(self) -> DurableEngine:
        """A new engine on the folder."""
