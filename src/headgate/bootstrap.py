"""The only place that builds adapters. Each is built, and its module loaded, when it is first needed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from headgate import config
from headgate.adapters.calls import MemoryCallLog
from headgate.adapters.clock import SystemClock, TimedIds
from headgate.app import Application
from headgate.domain.errors import ConfigError, HeadgateError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headgate.adapters.cloudflare.access import Access
    from headgate.adapters.http_client.client import HttpClient
    from headgate.adapters.measurements.choice import Chosen
    from headgate.adapters.store.folder_lock import FolderLock
    from headgate.adapters.wrangler.project import InstalledWrangler
    from headgate.changes.kind import Kind
    from headgate.domain.artifact import Bundle
    from headgate.domain.settings import Settings
    from headgate.domain.wrangler_file import WranglerFile
    from headgate.engine.on_dbos import DurableEngine
    from headgate.engine.works import Works
    from headgate.gates import Gate
    from headgate.ports import (
        ArtifactStore,
        Builder,
        Clock,
        Documents,
        Journal,
        MetricSource,
        Notifier,
        Platform,
        TestRunner,
    )

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

STATE_FOLDER = ".headgate"

KINDS = {
    "worker_release": "headgate.changes.worker_release:WorkerRelease",
    "worker_rollback": "headgate.changes.worker_rollback:WorkerRollback",
}
GATES = {
    "tests": "headgate.gates.tests:TestsGate",
    "dependencies": "headgate.gates.dependencies:DependenciesGate",
    "configuration": "headgate.gates.configuration:ConfigurationGate",
    "secrets": "headgate.gates.secrets:SecretsGate",
    "rollback-plan": "headgate.gates.rollback_plan:RollbackPlanGate",
}


def application(project: Path | None = None) -> Application:
    """Headgate for the project that `project` (or the current folder) is in. Raises ConfigError."""
    start = project or Path.cwd()
    file = config.find(start)
    if file is None:
        raise ConfigError(
            "There is no headgate.toml here.",
            where=str(start),
            remedy="`headgate init` writes one, beside the project's wrangler configuration.",
        )
    return Application(RealParts(config.load(file)))


def clock() -> Clock:
    """The machine's clock, for what entrypoints show."""
    return SystemClock()


def wrangler_file(project: Path) -> WranglerFile:
    """The wrangler configuration of a project that has no headgate.toml yet. Raises ConfigError."""
    from headgate.adapters.wrangler.configuration import read_configuration

    return read_configuration(project)


def end_programs() -> None:
    """Kill every program that was started and still runs, with all that it started, and wait for none."""
    from headgate.adapters.processes import end_all

    end_all()


def late(make: Callable[[], T]) -> T:
    """A thing that is made when something is first asked of it: an urgent rollback waits for no other."""
    return cast("T", _Late(make))


class _Late:
    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> object:
        return getattr(self._make(), name)


class Registry(Mapping[str, T_co]):
    """Things by name, each loaded when it is asked for: a rollback needs one gate of five."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> T_co:
        module, _, thing = self._places[name].partition(":")
        made: T_co = getattr(import_module(module), thing)()
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class RealParts:
    """The parts of an application on a real project; `parts.Parts` says what each is."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.project = Path(settings.project)
        self.folder = self.project / STATE_FOLDER
        self.environment: Mapping[str, str] = os.environ
        self.clock = SystemClock()
        self.ids = TimedIds(self.clock)
        self.calls = MemoryCallLog()

    @cached_property
    def journal(self) -> Journal:
        from headgate.adapters.store.journal_sqlite import SqliteJournal

        self._make_folder()
        return SqliteJournal(self.folder / "journal.sqlite", self.clock)

    @cached_property
    def lock(self) -> FolderLock:
        from headgate.adapters.store.folder_lock import FolderLock

        self._make_folder()
        return FolderLock(self.folder / "engine.lock")

    @cached_property
    def artifacts(self) -> ArtifactStore:
        from headgate.adapters.store.artifacts import FolderArtifactStore

        return FolderArtifactStore(self.folder / "artifacts", in_use=self._bundles_in_use)

    @cached_property
    def http(self) -> HttpClient:
        from headgate.adapters.http_client.client import HttpClient

        return HttpClient(user_agent="headgate", timeout_seconds=self.settings.platform.timeout_seconds)

    @cached_property
    def access(self) -> Access:
        from headgate.adapters import localedge
        from headgate.adapters.cloudflare.access import from_environment

        platform = self.settings.platform
        if platform.local_edge:
            return localedge.access(self.project / platform.local_edge)
        return from_environment(platform, self.environment)

    @cached_property
    def platform(self) -> Platform:
        from headgate.adapters.cloudflare.client import ApiClient
        from headgate.adapters.cloudflare.workers import WorkersPlatform

        api = ApiClient(self.access, self.http, calls=self.calls, clock=self.clock)
        return WorkersPlatform(api, self.access, is_public=self._is_public)

    @cached_property
    def metrics(self) -> MetricSource:
        return self._measurements.source

    def measurements(self, script: str) -> str:
        return self._measurements.check(script)

    @cached_property
    def _measurements(self) -> Chosen:
        from headgate.adapters.measurements.choice import Means, choose
        from headgate.adapters.probes import SmokeProber

        means = Means(
            settings=self.settings.metrics,
            access=lambda: self.access,
            http=self.http,
            calls=self.calls,
            clock=self.clock,
            environment=self.environment,
            prober=lambda: SmokeProber(self.project, self.http),
            checks=self.settings.smoke,
            address=self._address,
        )
        return choose(means, on_local_edge=bool(self.settings.platform.local_edge))

    @cached_property
    def works(self) -> Works:
        from headgate.adapters.probes import SmokeProber
        from headgate.engine.works import Works
        from headgate.ports import Tools

        tools = Tools(
            settings=self.settings,
            project=self.project,
            platform=self.platform,
            calls=self.calls,
            metrics=late(lambda: self.metrics),
            prober=SmokeProber(self.project, self.http),
            artifacts=late(lambda: self.artifacts),
            wrangler=late(lambda: self.wrangler_in_project),
            journal=self.journal,
            clock=self.clock,
        )
        kinds: Registry[Kind] = Registry(KINDS)
        gates: Registry[Gate] = Registry(GATES)
        return Works(tools, kinds, gates, late(lambda: self.documents), late(lambda: self.notifier))

    @cached_property
    def documents(self) -> Documents:
        from headgate.adapters.store.documents import FolderDocuments

        settings = self.settings
        return FolderDocuments(self.project, reports=settings.reports, runbooks=settings.runbooks)

    @cached_property
    def notifier(self) -> Notifier:
        from headgate.adapters.notify import notifier

        return notifier(self.settings.notify, self.http)

    @cached_property
    def wrangler_in_project(self) -> InstalledWrangler:
        from headgate.adapters.wrangler.project import InstalledWrangler

        return InstalledWrangler(self.project, self.settings.wrangler_config)

    @cached_property
    def builder(self) -> Builder:
        from headgate.adapters.wrangler.builder import WranglerBuilder

        found = self.wrangler_in_project
        return WranglerBuilder(
            self.project,
            found.configuration(),
            found.wrangler,
            calls=self.calls,
            cache=self.folder / "cache",
        )

    @cached_property
    def test_runner(self) -> TestRunner:
        from headgate.adapters.test_runner import TestRunner

        return TestRunner(self.project, self.settings, self.builder, self.clock)

    def script(self, environment: str) -> str:
        wrangler_env = self.settings.environments[environment].wrangler_env
        configuration = self.wrangler_in_project.configuration()
        name = configuration.script_name(wrangler_env)
        if not name:
            raise ConfigError(
                "The wrangler configuration does not name the Worker.",
                where=configuration.path,
                remedy='Add `"name": "..."` at its top level.',
            )
        return name

    def wrangler(self) -> str:
        return self.wrangler_in_project.describe()

    def wrangler_file(self) -> WranglerFile:
        return self.wrangler_in_project.configuration()

    def why_unwritable(self, file: str) -> str:
        path = self.project / file
        if path.is_dir():
            return f"{file} is a folder"
        nearest = next(folder for folder in path.parents if os.path.lexists(folder))
        if not nearest.is_dir():
            return f"{os.path.relpath(nearest, self.project)} is no folder"
        allowed = os.access(nearest, os.W_OK | os.X_OK)
        return "" if allowed else f"{os.path.relpath(nearest, self.project)} may not be written to"

    def free_bytes(self) -> int:
        self._make_folder()
        room = os.statvfs(self.folder)
        return room.f_bavail * room.f_frsize

    def build(self, environments: Sequence[str]) -> Mapping[str, Bundle]:
        from concurrent.futures import ThreadPoolExecutor

        wanted = [self.settings.environments[name] for name in environments]
        builder = self.builder
        with ThreadPoolExecutor(max_workers=2) as builds:
            try:
                return dict(zip(environments, builds.map(builder.build, wanted), strict=True))
            except BaseException:
                # One failed, or somebody stopped us: nobody waits for the other.
                end_programs()
                raise

    def warm_up(self) -> None:
        import threading

        # Loading takes longer than anything else Headgate does itself; wrangler is building meanwhile.
        threading.Thread(target=import_module, args=("headgate.engine.on_dbos",), daemon=True).start()
        threading.Thread(target=self._warm_measurements_up, daemon=True).start()

    def durable_engine(self) -> DurableEngine:
        from headgate.engine.on_dbos import DurableEngine

        return DurableEngine(self.folder, self.works)

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    def _is_public(self, script: str) -> bool:
        """Whether a Worker gets a workers.dev address: as wrangler has it, not where it has routes."""
        configuration = self.wrangler_in_project.configuration()
        for environment in self.settings.environments.values():
            if configuration.script_name(environment.wrangler_env) == script:
                fields = configuration.in_environment(environment.wrangler_env)
                routed = bool(fields.get("route") or fields.get("routes"))
                return bool(fields.get("workers_dev", not routed))
        return False

    def _warm_measurements_up(self) -> None:
        # What is missing is told when it is needed.
        with suppress(HeadgateError):
            self._measurements.warm_up(self.script(self.settings.production))

    def _address(self, script: str) -> str:
        """The base URL of a Worker: what is set for its environment, else what the platform says."""
        own = (one.url for one in self.settings.environments.values() if self.script(one.name) == script)
        return next(own, "") or self.platform.address(script)

    def _bundles_in_use(self) -> frozenset[str]:
        proposals = [self.journal.of_change(change_id)[0] for change_id in self.journal.open_changes()]
        bundles = [entry.data["arguments"].get("bundles", {}) for entry in proposals]
        return frozenset(key for of_environment in bundles for key in of_environment.values())
