"""The gate `tests`: the project's tests passed, with this very artifact. It cannot be switched off."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from headgate.domain.evidence import NotARecording, Recording, is_recording, recording_of, results_digest
from headgate.domain.gate import Finding, GateResult, Verdict
from headgate.domain.junit import NotJUnit, Results, read_junit
from headgate.gates.parts.files import read_at_most

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headgate.gates import GateRequest

FILES_MAX = 200
RESULTS_BYTES_MAX = 32 * 1024 * 1024
RECORDING_BYTES_MAX = 64 * 1024
NAMED_MAX = 10
"""How many failed tests are named."""

_RUN_AGAIN = "Run `headgate test`, then release again."


class Rule(StrEnum):
    """What this gate can find."""

    RESULTS_NOT_CONFIGURED = "results-not-configured"
    RESULTS_MISSING = "results-missing"
    RESULTS_TOO_MANY = "results-too-many"
    RESULTS_UNREADABLE = "results-unreadable"
    RESULTS_EMPTY = "results-empty"
    NOT_RECORDED = "not-recorded"
    RECORDING_UNREADABLE = "recording-unreadable"
    RESULTS_EDITED = "results-edited"
    OTHER_ARTIFACT = "other-artifact"
    COMMAND_FAILED = "command-failed"
    TEST_FAILED = "test-failed"
    ALL_SKIPPED = "all-skipped"
    SOME_SKIPPED = "some-skipped"
    BUNDLE_DIFFERS = "bundle-differs"


@dataclass(slots=True)
class _Seen:
    """What was read so far."""

    artifact: str
    results: Results = field(default_factory=Results)
    findings: list[Finding] = field(default_factory=list)
    recordings: dict[str, Recording] = field(default_factory=dict)

    def fail(self, rule: Rule, what: str, where: str = "", remedy: str = _RUN_AGAIN) -> None:
        self.findings.append(Finding(rule, Verdict.FAIL, what, where, remedy))


class TestsGate:
    """Needs JUnit results whose recording names the artifact that is released."""

    __test__ = False
    """It is a gate, not a class of tests, whatever a test runner may think of its name."""
    name = "tests"

    def check(self, request: GateRequest) -> GateResult:
        """Read every results file and its recording."""
        seen = _Seen(artifact=str(request.change.arguments["artifact"]))
        _same_artifact_everywhere(request, seen)
        project = request.tools.project
        for file in _files(project, request.tools.settings.tests.results, seen):
            _read(project, file, seen)
        _judge_runs(seen)
        _judge_tests(seen)
        return GateResult(self.name, _summary(seen), tuple(seen.findings), _facts(seen))


def _same_artifact_everywhere(request: GateRequest, seen: _Seen) -> None:
    """Whatever was tested is worth nothing if something else is uploaded."""
    for environment in request.change.arguments["environments"]:
        digest = request.tools.artifacts.load(request.change.arguments["bundles"][environment]).digest
        if digest != seen.artifact:
            seen.fail(
                Rule.BUNDLE_DIFFERS,
                f"The bundle for {environment} is {digest}, and the artifact to release is {seen.artifact}.",
                environment,
                "The same sources must give the same modules in every environment: keep what differs between "
                "environments in `vars`, not in `define` or in the build.",
            )


def _files(project: Path, patterns: tuple[str, ...], seen: _Seen) -> Iterator[str]:
    """The results files by their path from the project, each once."""
    from glob import iglob
    from itertools import filterfalse, islice

    if not patterns:
        seen.fail(
            Rule.RESULTS_NOT_CONFIGURED,
            "Headgate does not know where the tests write their results.",
            "headgate.toml",
            'Add `results = ["reports/junit.xml"]` and `command` under [tests], and run `headgate test`.',
        )
    known: set[str] = set()
    for pattern in patterns:
        matching = iglob(pattern, root_dir=project, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute ones
        found = list(islice(filterfalse(is_recording, matching), FILES_MAX + 1))
        if not found:
            seen.fail(
                Rule.RESULTS_MISSING,
                f"There are no test results at {pattern}.",
                pattern,
                "Run `headgate test`; if it writes them elsewhere, correct `results` in headgate.toml.",
            )
        known.update(found)
    if len(known) > FILES_MAX:
        what = f"More than {FILES_MAX} files match `results` under [tests]."
        seen.fail(Rule.RESULTS_TOO_MANY, what, "headgate.toml", "Name the results files more exactly.")
    yield from sorted(known)[:FILES_MAX]


def _read(project: Path, file: str, seen: _Seen) -> None:
    try:
        body = read_at_most(project / file, RESULTS_BYTES_MAX)
        results = read_junit(body)
    except (OSError, NotJUnit) as error:
        what = f"The test results cannot be read: {error}."
        remedy = "Let the tests write JUnit XML there, then run `headgate test`."
        seen.fail(Rule.RESULTS_UNREADABLE, what, file, remedy)
        return
    seen.results.add(results)
    if not results.tests:
        remedy = "Look why no test ran. " + _RUN_AGAIN
        seen.fail(Rule.RESULTS_EMPTY, "The results hold no test at all.", file, remedy)
    _check_recording(project, file, body, seen)


def _check_recording(project: Path, file: str, body: bytes, seen: _Seen) -> None:
    path = recording_of(file)
    try:
        recording = Recording.from_json(json.loads(read_at_most(project / path, RECORDING_BYTES_MAX)))
    except FileNotFoundError:
        what = "Nothing says which artifact these results belong to: they were not made by `headgate test`."
        seen.fail(Rule.NOT_RECORDED, what, file)
        return
    except (OSError, NotARecording, ValueError, RecursionError) as error:
        seen.fail(Rule.RECORDING_UNREADABLE, f"The recording of the test run cannot be read: {error}.", path)
        return
    seen.recordings[file] = recording
    if recording.results != results_digest(body):
        what = "The results were changed after the test run was recorded."
        seen.fail(Rule.RESULTS_EDITED, what, file)
    if recording.artifact != seen.artifact:
        what = f"The tests ran with another artifact: {recording.artifact}, not {seen.artifact}."
        remedy = "The sources changed since. " + _RUN_AGAIN
        seen.fail(Rule.OTHER_ARTIFACT, what, file, remedy)


def _judge_runs(seen: _Seen) -> None:
    failed = {(r.command, r.exit_code): file for file, r in seen.recordings.items() if r.exit_code}
    for (command, exit_code), file in failed.items():
        what = f"The test command `{' '.join(command)}` ended with exit code {exit_code}."
        seen.fail(Rule.COMMAND_FAILED, what, recording_of(file), "Mend what failed. " + _RUN_AGAIN)


def _judge_tests(seen: _Seen) -> None:
    results = seen.results
    for test in results.failed[:NAMED_MAX]:
        said = f": {test.message}" if test.message else "."
        remedy = "Mend the test or what it tests. " + _RUN_AGAIN
        seen.fail(Rule.TEST_FAILED, f"The test `{test.name}` failed{said}", test.where, remedy)
    more = len(results.failed) - NAMED_MAX
    if more > 0:
        seen.fail(Rule.TEST_FAILED, f"{more} more tests failed.")
    if results.skipped and results.skipped == results.tests:
        what = f"All {results.tests} tests were skipped, so nothing was tested."
        seen.fail(Rule.ALL_SKIPPED, what, remedy="Let them run. " + _RUN_AGAIN)
    elif results.skipped:
        what = f"{results.skipped} of {results.tests} tests were skipped."
        seen.findings.append(
            Finding(Rule.SOME_SKIPPED, Verdict.WARN, what, remedy="Let them run, or take them out.")
        )


def _summary(seen: _Seen) -> str:
    results = seen.results
    if not results.tests:
        return "no test results"
    if results.failed:
        return f"{len(results.failed)} of {results.tests} tests failed"
    skipped = f", {results.skipped} skipped" if results.skipped else ""
    refused = any(finding.verdict is Verdict.FAIL for finding in seen.findings)
    but = ", but these results do not count" if refused else ""
    return f"{results.passed} tests passed{skipped}{but}"


def _facts(seen: _Seen) -> dict[str, object]:
    newest = max(seen.recordings.values(), key=lambda recording: recording.recorded_at, default=None)
    return {
        "tests": seen.results.tests,
        "passed": seen.results.passed,
        "failed": len(seen.results.failed),
        "skipped": seen.results.skipped,
        "files": sorted(seen.recordings),
        "recorded_at": newest.recorded_at if newest else "",
        "recorded_by": newest.by if newest else "",
    }
