"""Runs the project's tests and records which artifact their results belong to: `headgate test`."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from glob import iglob
from itertools import filterfalse, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

from headgate.adapters.processes import running
from headgate.adapters.store.files import write_whole
from headgate.adapters.wrangler.toolchain import find_node
from headgate.domain.errors import ConfigError, ProjectError
from headgate.domain.evidence import Recording, TestRun, is_recording, recording_of, results_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from headgate.domain.settings import Settings
    from headgate.ports import Builder, Clock

FILES_MAX = 200


class TestRunner:
    """Builds, runs the tests, builds again: results count for an artifact only if it stayed the same."""

    __test__ = False

    def __init__(self, project: Path, settings: Settings, builder: Builder, clock: Clock) -> None:
        self._project = project
        self._settings = settings
        self._builder = builder
        self._clock = clock

    def run(self, *, by: str, output: IO[bytes] | int, command: Sequence[str] = ()) -> TestRun:
        """Run the tests, by default with the command of the settings, and record their results.

        `by` is the actor; `output` the file (or its descriptor) that the command writes to. The command gets
        the artifact's digest as HEADGATE_ARTIFACT. That it failed is recorded too, for the gate.
        Raises ConfigError, and ProjectError where nothing could be recorded.
        """
        wanted = tuple(command) or self._settings.tests.command
        self._check_settings(wanted)
        artifact = self._artifact()
        before = self._forget()
        started = self._clock.monotonic()
        exit_code = self._execute(wanted, artifact, output)
        seconds = self._clock.monotonic() - started
        if self._artifact() != artifact:
            raise ProjectError(
                "The Worker changed while its tests ran, so what they tested is unknown.",
                where=str(self._project),
                remedy="Leave the sources alone until the tests are through; run `headgate test` again.",
            )
        fresh = [file for file, mark in self._results().items() if before.get(file) != mark]
        if not fresh:
            raise self._no_results(wanted, exit_code)
        self._record(fresh, Recording(artifact, "", wanted, exit_code, self._now(), by))
        stale = tuple(file for file in before if file not in fresh)
        return TestRun(artifact, wanted, exit_code, seconds, tuple(fresh), stale)

    def _check_settings(self, command: tuple[str, ...]) -> None:
        if not command:
            raise ConfigError(
                "Headgate does not know how to run the tests.",
                where="headgate.toml",
                remedy='Add `command = ["npm", "test"]` under [tests], or use `headgate test -- npm test`.',
            )
        if not self._settings.tests.results:
            raise ConfigError(
                "Headgate does not know where the tests write their results.",
                where="headgate.toml",
                remedy='Add `results = ["reports/junit.xml"]` under [tests].',
            )

    def _artifact(self) -> str:
        """The digest of what is released; it is the same in every environment."""
        environments = self._settings.environments
        chosen = environments.get(self._settings.production) or next(iter(environments.values()))
        return self._builder.build(chosen).digest

    def _results(self) -> dict[str, tuple[int, int, int]]:
        """The results files that are there, each with what changes when it is written anew."""
        found: dict[str, tuple[int, int, int]] = {}
        for pattern in self._settings.tests.results:
            # Unlike Path.glob it takes absolute patterns.
            matching = iglob(pattern, root_dir=self._project, recursive=True)  # noqa: PTH207
            for file in sorted(islice(filterfalse(is_recording, matching), FILES_MAX)):
                status = (self._project / file).stat()
                found[file] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return found

    def _forget(self) -> dict[str, tuple[int, int, int]]:
        """Remove the recordings of earlier runs: should this one fail half way, none may pass for its own."""
        before = self._results()
        for file in before:
            (self._project / recording_of(file)).unlink(missing_ok=True)
        return before

    def _execute(self, command: tuple[str, ...], artifact: str, output: IO[bytes] | int) -> int:
        limit = self._settings.tests.timeout_seconds
        with _environment(artifact) as environment:
            try:
                ended = _wait_for(command, self._project, environment, output, limit)
            except OSError as error:
                raise ProjectError(
                    f"The test command cannot be started: {error.strerror or error}.",
                    where=" ".join(command),
                    remedy="Correct `command` under [tests] in headgate.toml, or install what it needs.",
                ) from error
        if ended is None:
            raise ProjectError(
                f"The tests still ran after {limit:g} s and were ended. Nothing was recorded.",
                where=" ".join(command),
                remedy="Find out what hangs, or raise `timeout_seconds` under [tests] in headgate.toml.",
            )
        return ended

    def _no_results(self, command: tuple[str, ...], exit_code: int) -> ProjectError:
        return ProjectError(
            f"The test command ended with exit code {exit_code} and wrote no results.",
            where=", ".join(self._settings.tests.results),
            remedy=f"Let `{' '.join(command)}` write JUnit XML there, or correct `results` under [tests].",
        )

    def _record(self, files: Sequence[str], run: Recording) -> None:
        for file in files:
            digest = results_digest((self._project / file).read_bytes())
            body = json.dumps(replace(run, results=digest).as_json(), indent=2) + "\n"
            write_whole(self._project / recording_of(file), body.encode())

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")


def _wait_for(
    command: tuple[str, ...],
    folder: Path,
    environment: Mapping[str, str],
    output: IO[bytes] | int,
    limit: float,
) -> int | None:
    """Run a command; its exit code, None if the time limit came first. Nothing of it is left over."""
    with running(command, folder=folder, environment=environment, output=output) as process:
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            return None


@contextmanager
def _environment(artifact: str) -> Iterator[dict[str, str]]:
    """Our variables and the artifact's digest; `node` is the one that builds, whatever PATH has."""
    from shutil import which

    variables = {**os.environ, "HEADGATE_ARTIFACT": artifact}
    node = str(find_node())
    if which("node") == node:
        yield variables
        return
    with TemporaryDirectory(prefix="headgate-node-") as folder:
        (Path(folder) / "node").symlink_to(node)
        yield variables | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
