"""The gate `tests`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.domain.artifact import Module
from headgate.domain.evidence import recording_of
from headgate.domain.gate import Verdict
from headgate.gates import tests as gate
from headgate.gates.tests import TestsGate
from tests.unit.gates.stage import RESULTS, Stage, junit, only, rules

if TYPE_CHECKING:
    from collections.abc import Callable

FAILED = '<failure message="1 is not 2">trace</failure>'
SKIPPED = "<skipped/>"


def test_results_of_this_artifact_pass(stage: Stage) -> None:
    result = stage.ask(TestsGate())

    assert (result.verdict, result.summary) == (Verdict.PASS, "2 tests passed")
    assert result.facts is not None
    assert (result.facts["tests"], result.facts["recorded_by"]) == (2, "person:ann")


def _not_configured(stage: Stage) -> None:
    stage.results = ()


def _no_file(stage: Stage) -> None:
    (stage.project / RESULTS).unlink()


def _no_recording(stage: Stage) -> None:
    (stage.project / recording_of(RESULTS)).unlink()


def _broken_xml(stage: Stage) -> None:
    stage.record("<testsuites><testsuite>")


def _entities(stage: Stage) -> None:
    stage.record('<!DOCTYPE a [<!ENTITY b "c">]><testsuites><testsuite name="&b;"/></testsuites>')


def _not_junit(stage: Stage) -> None:
    stage.record("<coverage/>")


def _edited(stage: Stage) -> None:
    stage.record(junit("", FAILED))
    stage.write(RESULTS, junit("", ""))


def _other_sources(stage: Stage) -> None:
    stage.modules = (Module("index.js", "application/javascript+module", b"export default {}\n"),)


def _command_failed(stage: Stage) -> None:
    stage.record(junit(""), exit_code=1)


def _unreadable_recording(stage: Stage) -> None:
    stage.write(recording_of(RESULTS), "{")


def _folder_for_results(stage: Stage) -> None:
    (stage.project / RESULTS).unlink()
    (stage.project / RESULTS).mkdir()


@pytest.mark.parametrize(
    ("break_it", "rule", "said"),
    [
        (_not_configured, "results-not-configured", "where the tests write"),
        (_no_file, "results-missing", "no test results at reports/junit.xml"),
        (_no_recording, "not-recorded", "which artifact"),
        (_broken_xml, "results-unreadable", "no element found"),
        (_entities, "results-unreadable", "DTDForbidden"),
        (_not_junit, "results-unreadable", "<coverage>"),
        (_folder_for_results, "results-unreadable", "directory"),
        (_edited, "results-edited", "changed after"),
        (_other_sources, "other-artifact", "another artifact: sha256:"),
        (_command_failed, "command-failed", "`npm test` ended with exit code 1"),
        (_unreadable_recording, "recording-unreadable", "recording"),
    ],
)
def test_what_rejects(stage: Stage, break_it: Callable[[Stage], None], rule: str, said: str) -> None:
    break_it(stage)

    finding = only(stage.ask(TestsGate()))

    assert (finding.rule, finding.verdict) == (rule, Verdict.FAIL)
    assert said in finding.what
    assert finding.remedy


@pytest.mark.parametrize(
    ("cases", "found", "summary"),
    [
        ((), ["results-empty"], "no test results"),
        ((FAILED, ""), ["test-failed"], "1 of 2 tests failed"),
        (("<error>boom</error>",), ["test-failed"], "1 of 1 tests failed"),
        ((SKIPPED, SKIPPED), ["all-skipped"], "0 tests passed, 2 skipped, but these results do not count"),
        ((SKIPPED, ""), ["some-skipped"], "1 tests passed, 1 skipped"),
        ((FAILED, SKIPPED), ["test-failed", "some-skipped"], "1 of 2 tests failed"),
    ],
)
def test_what_the_counts_say(stage: Stage, cases: tuple[str, ...], found: list[str], summary: str) -> None:
    stage.record(junit(*cases))

    result = stage.ask(TestsGate())

    assert (rules(result), result.summary) == (found, summary)
    assert (result.verdict is Verdict.WARN) == (found == ["some-skipped"])


def test_a_failed_test_is_named_with_its_place_and_message(stage: Stage) -> None:
    stage.record(junit(FAILED))

    finding = only(stage.ask(TestsGate()))

    assert finding.what == "The test `t0` failed: 1 is not 2"
    assert finding.where == "cart"


def test_the_summary_says_when_results_do_not_count(stage: Stage) -> None:
    _other_sources(stage)

    assert stage.ask(TestsGate()).summary == "2 tests passed, but these results do not count"


def test_ten_failed_tests_are_named_and_the_others_counted(stage: Stage) -> None:
    stage.record(junit(*[FAILED] * 13))

    findings = stage.ask(TestsGate()).findings

    assert len(findings) == 11
    assert findings[-1].what == "3 more tests failed."


def test_every_file_needs_results_and_a_recording_of_its_own(stage: Stage) -> None:
    stage.results = ("reports/*.xml",)
    stage.write("reports/more.xml", junit(""))
    assert rules(stage.ask(TestsGate())) == ["not-recorded"]

    stage.record(junit(), file="reports/more.xml")
    assert rules(stage.ask(TestsGate())) == ["results-empty"]

    stage.record(junit(""), file="reports/more.xml")
    result = stage.ask(TestsGate())
    assert (result.verdict, result.summary) == (Verdict.PASS, "3 tests passed")


def test_recordings_are_not_taken_for_results(stage: Stage) -> None:
    stage.results = ("reports/*",)

    assert stage.ask(TestsGate()).summary == "2 tests passed"


def test_one_failed_command_is_reported_once_for_many_files(stage: Stage) -> None:
    stage.results = ("reports/*.xml",)
    for name in (RESULTS, "reports/a.xml", "reports/b.xml"):
        stage.record(junit(""), file=name, exit_code=2)

    assert rules(stage.ask(TestsGate())) == ["command-failed"]


def test_a_bundle_other_than_the_artifact_is_rejected(stage: Stage) -> None:
    request = stage.request()
    other = stage.request().change.arguments
    artifact = {**request.change.arguments, "artifact": "sha256:" + "0" * 64}
    object.__setattr__(request.change, "arguments", artifact)

    result = TestsGate().check(request)

    assert rules(result) == ["bundle-differs", "bundle-differs", "other-artifact"]
    assert other["artifact"] in result.findings[0].what


def test_results_that_are_too_large_are_not_read(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "RESULTS_BYTES_MAX", 10)

    assert rules(stage.ask(TestsGate())) == ["results-unreadable"]


def test_more_files_than_anybody_has_are_rejected(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "FILES_MAX", 1)
    stage.results = ("reports/*.xml",)
    stage.record(junit(""), file="reports/a.xml")

    assert rules(stage.ask(TestsGate())) == ["results-too-many"]


@given(
    field=st.sampled_from(["artifact", "results", "command", "exit_code", "recorded_at", "by"]),
    value=st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=9), st.lists(st.integers())),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_other_recording_lets_anything_through(stage: Stage, field: str, value: object) -> None:
    """Whatever stands in a field that decides, but for the right value, the gate stays closed."""
    path = stage.project / recording_of(RESULTS)
    stage.record(junit(""))
    recording = json.loads(path.read_text())
    right = recording[field]
    path.write_text(json.dumps({**recording, field: value}))

    verdict = stage.ask(TestsGate()).verdict

    may_vary = field in ("recorded_at", "by") and isinstance(value, str) and bool(value)
    is_command = field == "command" and value == []
    assert (verdict is Verdict.PASS) == (
        (type(value), value) == (type(right), right) or may_vary or is_command
    )
