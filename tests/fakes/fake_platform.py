"""An account in memory that keeps the same promises as the platform, and can be told to fail."""

from __future__ import annotations

import functools
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from headgate.domain.errors import PlatformError, PlatformUnreachable, ScriptDoesNotStart
from headgate.domain.traffic import Deployment, Split, Version, checked
from tests.fakes.fixed_clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headgate.domain.artifact import Bundle
    from headgate.ports import CallLog

P = ParamSpec("P")
R = TypeVar("R")

AUTHOR = "developer@localhost"
NO_START = b"throw"
"""A main module that begins so does not start."""


@dataclass
class FakeWorker:
    """A Worker: versions and deployments, newest last; each version has its own secrets."""

    versions: list[Version] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """What happens at a call: `error` is raised before it acts, or after it if only the reply is lost."""

    error: PlatformError
    after: bool = False


def _call(
    method: Callable[Concatenate[FakePlatform, P], R],
) -> Callable[Concatenate[FakePlatform, P], R]:
    """A call of the platform: it is counted, noted, and fails if it was told to."""

    @functools.wraps(method)
    def called(self: FakePlatform, /, *args: P.args, **kwargs: P.kwargs) -> R:
        self.calls.append(method.__name__)
        failure = self.failures.pop(len(self.calls), None)
        if self.log is not None:
            self.log.note(f"{method.__name__} {args[0] if args else ''}".strip())
        if failure is not None and not failure.after:
            raise failure.error
        result = method(self, *args, **kwargs)
        if failure is not None:
            raise failure.error
        return result

    return called


class FakePlatform:
    """The Platform port. `calls` holds the names of all calls made; the first one has number 1."""

    def __init__(self, *, clock: FixedClock | None = None, log: CallLog | None = None) -> None:
        self.workers: dict[str, FakeWorker] = {}
        self.namespaces: set[str] = set()
        self.calls: list[str] = []
        self.failures: dict[int, Failure] = {}
        self.log = log
        self._clock = clock or FixedClock()

    # What tests do to it.

    def fail_at(self, call: int, error: PlatformError | None = None) -> None:
        """The call with this number is refused, or nothing answers."""
        self.failures[call] = Failure(error or PlatformUnreachable("No answer.", where=f"call {call}"))

    def lose_reply_at(self, call: int) -> None:
        """The call with this number is done, and its answer never arrives."""
        self.failures[call] = Failure(
            PlatformUnreachable("The answer was lost.", where=f"call {call}"), after=True
        )

    def put_secret(self, script: str, name: str, text: str) -> None:
        """As `wrangler secret put`: a new version with the secret, which gets all traffic."""
        worker = self.workers[script]
        newest = worker.versions[-1]
        version = self._add(worker, worker.bundles[newest.id], "secret", "")
        worker.secrets[version.id][name] = text
        self._deploy(worker, {version.id: 100.0}, "secret")

    def deploy_behind_the_back(self, script: str, split: Split, *, author: str = "somebody@else") -> None:
        """Somebody else deploys."""
        deployment = self._deploy(self.workers[script], split, "from the dashboard")
        self.workers[script].deployments[-1] = replace(deployment, author=author)

    # The port.

    @_call
    def verify_access(self) -> str:
        return "a token in memory"

    @_call
    def deployment(self, script: str) -> Deployment | None:
        worker = self.workers.get(script)
        return worker.deployments[-1] if worker and worker.deployments else None

    @_call
    def version(self, script: str, version_id: str) -> Version | None:
        return next((v for v in self._versions(script) if v.id == version_id), None)

    @_call
    def versions(self, script: str) -> Sequence[Version]:
        return tuple(reversed(self._versions(script)))[:100]

    @_call
    def upload_version(self, script: str, bundle: Bundle, *, message: str, tag: str) -> Version:
        return self._add(self._existing(script), bundle, message, tag)

    @_call
    def create_worker(self, script: str, bundle: Bundle, *, message: str, tag: str) -> Version:
        worker = self.workers.get(script)
        if worker is not None:
            serving = next(v for v in worker.versions if v.id == worker.deployments[-1].main_version)
            if serving.tag != tag:
                raise PlatformError(f"The Worker {script} exists by now.", where=script)
            return serving
        worker = FakeWorker()
        version = self._add(worker, bundle, message, tag)
        self._deploy(worker, {version.id: 100.0}, message)
        self.workers[script] = worker
        return version

    @_call
    def deploy(self, script: str, split: Split, *, message: str, force: bool = False) -> Deployment:
        worker = self._existing(script)
        checked(split)
        known = {version.id for version in worker.versions}
        if not set(split) <= known:
            raise PlatformError(f"{script} has no such version.", where=script, code=10130, status=404)
        if not force:
            _check_secrets(worker, split)
        return self._deploy(worker, split, message)

    @_call
    def delete_worker(self, script: str) -> None:
        self.workers.pop(script, None)

    @_call
    def secret_names(self, script: str) -> frozenset[str] | None:
        worker = self.workers.get(script)
        return frozenset(worker.secrets[worker.versions[-1].id]) if worker else None

    @_call
    def kv_namespaces(self) -> frozenset[str]:
        return frozenset(self.namespaces)

    @_call
    def address(self, script: str) -> str:
        return f"http://{script}.localhost:1"

    # How it works inside.

    def _versions(self, script: str) -> list[Version]:
        worker = self.workers.get(script)
        return worker.versions if worker else []

    def _existing(self, script: str) -> FakeWorker:
        if script not in self.workers:
            raise PlatformError(f"There is no Worker {script}.", where=script, code=10007, status=404)
        return self.workers[script]

    def _add(self, worker: FakeWorker, bundle: Bundle, message: str, tag: str) -> Version:
        if _main(bundle).startswith(NO_START):
            raise ScriptDoesNotStart("The platform could not start the script.", code=10021, status=400)
        version = Version(
            id=str(uuid.uuid4()),
            number=len(worker.versions) + 1,
            created_on=self._now(),
            author=AUTHOR,
            message=message[:120],
            tag=tag,
        )
        inherited = worker.secrets[worker.versions[-1].id] if worker.versions else {}
        worker.secrets[version.id] = dict(inherited)
        worker.versions.append(version)
        worker.bundles[version.id] = bundle
        return version

    def _deploy(self, worker: FakeWorker, split: Split, message: str) -> Deployment:
        deployment = Deployment(str(uuid.uuid4()), dict(split), AUTHOR, self._now(), message[:120])
        worker.deployments.append(deployment)
        return deployment

    def _now(self) -> str:
        return self._clock.now().isoformat()


def _main(bundle: Bundle) -> bytes:
    main = bundle.metadata["main_module"]
    return next(module.body for module in bundle.modules if module.name == main)


def _check_secrets(worker: FakeWorker, split: Split) -> None:
    """Going back to a version with other secrets has to be forced, as on the platform."""
    if len(split) > 1:
        return
    (target,), serving = split, worker.deployments[-1].split
    numbers = {version.id: version.number for version in worker.versions}
    goes_back = numbers[target] < min(numbers[version] for version in serving)
    if goes_back and any(worker.secrets[target] != worker.secrets[version] for version in serving):
        raise PlatformError("The secrets have changed.", code=10220, status=400)
