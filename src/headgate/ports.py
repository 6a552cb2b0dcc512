"""What the outside must offer. Adapters implement these; nothing below `bootstrap` knows which one it has.

All calls are plain and blocking: the engine runs them in threads where it needs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from headgate.domain.artifact import Bundle
    from headgate.domain.evidence import TestRun
    from headgate.domain.journal import Draft, Entry
    from headgate.domain.role import Delivery, Notice
    from headgate.domain.rollout.reading import Mark, Reading
    from headgate.domain.settings import EnvironmentSettings, Settings, SmokeCheck
    from headgate.domain.smoke import SmokeResult
    from headgate.domain.traffic import Deployment, Split, Version
    from headgate.domain.wrangler_file import WranglerFile


class Clock(Protocol):
    """Time."""

    def now(self) -> datetime:
        """The time of day, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never jump, for measuring."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Ids(Protocol):
    """Names for new things."""

    def change_id(self) -> str:
        """A new name for a change; later names sort after earlier ones."""


class Journal(Protocol):
    """The append-only record. Raises JournalError where it cannot be written or read."""

    def append(self, *drafts: Draft) -> tuple[Entry, ...]:
        """Write entries, all or none, durably."""

    def of_change(self, change_id: str) -> tuple[Entry, ...]:
        """A change's entries, oldest first; empty if there is no such change."""

    def after(self, seq: int, *, change_id: str, limit: int = 1000) -> tuple[Entry, ...]:
        """A change's entries with a number above `seq`, oldest first."""

    def last(self, subject: str, event: str) -> Entry | None:
        """The newest entry of an event about `service/environment`; its cost does not grow with history."""

    def recent(self, subject: str, event: str, *, limit: int = 20) -> tuple[Entry, ...]:
        """The newest entries of an event about `service/environment` ('' for all), newest first."""

    def open_changes(self) -> tuple[str, ...]:
        """Ids of changes that were proposed and are not closed, oldest first."""

    def everything(self) -> Iterator[Entry]:
        """All entries, oldest first."""


class Platform(Protocol):
    """An account on the platform. Raises PlatformError and its kinds."""

    def verify_access(self) -> str:
        """Check the token; who it says we are."""

    def deployment(self, script: str) -> Deployment | None:
        """What serves now; None if the Worker does not exist or nothing was ever deployed."""

    def version(self, script: str, version_id: str) -> Version | None:
        """A version, if it is there."""

    def versions(self, script: str) -> Sequence[Version]:
        """The newest versions, newest first (one page)."""

    def upload_version(self, script: str, bundle: Bundle, *, message: str, tag: str) -> Version:
        """Upload a version without any traffic. The Worker exists."""

    def create_worker(self, script: str, bundle: Bundle, *, message: str, tag: str) -> Version:
        """Upload the first version of a Worker; the platform gives it all the traffic at once."""

    def deploy(self, script: str, split: Split, *, message: str, force: bool = False) -> Deployment:
        """Set the split. Doing it twice is the same as once.

        The platform refuses a version whose secrets differ from those that serve now; `force` brings it all
        the same, as going back must.
        """

    def delete_worker(self, script: str) -> None:
        """Take a Worker away. A Worker that is not there is no error."""

    def secret_names(self, script: str) -> frozenset[str] | None:
        """Names of the Worker's secrets; None if there is no such Worker."""

    def kv_namespaces(self) -> frozenset[str]:
        """Ids of the account's KV namespaces."""

    def address(self, script: str) -> str:
        """The base URL at which the Worker answers, without a trailing slash."""


class CallLog(Protocol):
    """Keeps what was really executed, for the journal: one line a call, never with a secret or a body."""

    def note(self, line: str) -> None:
        """Keep a line such as `POST /accounts/…/workers/scripts/shop/deployments 200 (12 ms)`."""

    def take(self) -> list[str]:
        """All lines since the last `take`."""


class MetricSource(Protocol):
    """Where measurements come from. What cannot be read is raised as HeadgateError: it is never good."""

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        """Begin to count for these versions; the mark from which `since` counts.

        The mark's `history` tells the half hour before it, where the source knows it.
        """

    def since(self, script: str, mark: Mark) -> Reading:
        """What was counted since a mark: raw events, cumulative, complete up to the reading's `as_of`."""


class Prober(Protocol):
    """Runs smoke checks."""

    def run(self, check: SmokeCheck, base_url: str, *, script: str, version_id: str = "") -> SmokeResult:
        """Run one check at an address; with a `version_id`, on that version through the version override."""


class Builder(Protocol):
    """Builds the project."""

    def build(self, environment: EnvironmentSettings) -> Bundle:
        """The exact upload for an environment. Raises ProjectError."""


class WranglerProject(Protocol):
    """What wrangler has in the project: its configuration file, and the schema that wrangler brings along."""

    def configuration(self) -> WranglerFile:
        """The project's wrangler configuration. Raises ConfigError if it is missing or cannot be read."""

    def schema(self) -> Mapping[str, Any] | None:
        """The JSON schema of the wrangler that is installed for the project; None if it brings none."""


class TestRunner(Protocol):
    """Runs the project's tests and records which artifact the results belong to."""

    __test__: bool = False

    def run(self, *, by: str, output: IO[bytes] | int, command: Sequence[str] = ()) -> TestRun:
        """Run them. Raises ConfigError, and ProjectError where nothing could be recorded."""


class ArtifactStore(Protocol):
    """Keeps bundles, so that a release that was killed goes on with the very same bytes."""

    def keep(self, bundle: Bundle) -> str:
        """Store a bundle; its key. The same bundle has the same key."""

    def load(self, key: str) -> Bundle:
        """The bundle of a key. Raises NotFound."""


class Notifier(Protocol):
    """Tells roles."""

    def notify(self, notice: Notice) -> tuple[Delivery, ...]:
        """Send a notice on every channel the role has. Never raises: what failed is in the deliveries."""


class Documents(Protocol):
    """Files written for people: reports and runbooks."""

    def write_report(self, change_id: str, forms: Mapping[str, str]) -> tuple[str, ...]:
        """Write a report in its forms (`md`, `json`, `html`); the files' paths."""

    def write_runbook(self, service: str, update: RunbookUpdate) -> str:
        """Bring a service's runbook up to date; its path."""


class RunbookUpdate(Protocol):
    """A pure function from the runbook as it is ('' if there is none) to the runbook as it should be."""

    def __call__(self, current: str) -> str:
        """The new text. Applying it twice is the same as once."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports that steps and gates work with, and the user's settings."""

    settings: Settings
    project: Path
    platform: Platform
    calls: CallLog
    metrics: MetricSource
    prober: Prober
    artifacts: ArtifactStore
    wrangler: WranglerProject
    journal: Journal
    clock: Clock
