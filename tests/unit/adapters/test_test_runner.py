"""`headgate test`: running the tests, and recording what they ran on."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from headgate.adapters.test_runner import TestRunner
from headgate.domain import settings as domain_settings
from headgate.domain.artifact import Bundle, Module
from headgate.domain.errors import ConfigError, ProjectError
from headgate.domain.evidence import Recording, TestRun, recording_of, results_digest
from headgate.domain.settings import EnvironmentSettings, Settings
from tests.fakes.fixed_clock import FixedClock

JUNIT = '<testsuite><testcase name="a"/></testsuite>'
RESULTS = "reports/junit.xml"
WRITES = f"import pathlib; pathlib.Path('{RESULTS}').write_text('''{JUNIT}''')"


@dataclass
class Source:
    """The port Builder: the bundle is what stands in a file of the project."""

    file: Path
    built: list[str] = field(default_factory=list)

    def build(self, environment: EnvironmentSettings) -> Bundle:
        self.built.append(environment.name)
        return Bundle((Module("index.js", "application/javascript+module", self.file.read_bytes()),), {})


@dataclass
class Workshop:
    """A project whose tests are a line of Python."""

    project: Path
    settings: domain_settings.TestSettings
    source: Source

    def run(self, program: str = "", *, output: Path | None = None) -> TestRun:
        environments = {name: EnvironmentSettings(name, name) for name in ("staging", "production")}
        settings = Settings("shop", str(self.project), "wrangler.jsonc", environments, tests=self.settings)
        runner = TestRunner(self.project, settings, self.source, FixedClock())
        command = (sys.executable, "-c", program) if program else ()
        with (output or self.project / "output.txt").open("wb") as file:
            return runner.run(by="person:ann", command=command, output=file)

    def recording(self, file: str = RESULTS) -> Recording:
        return Recording.from_json(json.loads((self.project / recording_of(file)).read_text()))


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    (tmp_path / "reports").mkdir()
    (tmp_path / "index.js").write_text("export default {}\n")
    settings = domain_settings.TestSettings((sys.executable, "-c", WRITES), (RESULTS,), timeout_seconds=30)
    return Workshop(tmp_path, settings, Source(tmp_path / "index.js"))


def _settings(workshop: Workshop, **changes: object) -> None:
    fields = {"command": workshop.settings.command, "results": workshop.settings.results} | changes
    workshop.settings = domain_settings.TestSettings(**fields)  # type: ignore[arg-type]


def test_results_are_recorded_for_the_artifact(workshop: Workshop) -> None:
    run = workshop.run()

    artifact = workshop.source.build(EnvironmentSettings("x", "x")).digest
    assert (run.artifact, run.exit_code, run.recorded, run.stale) == (artifact, 0, (RESULTS,), ())
    assert workshop.recording() == Recording(
        artifact=artifact,
        results=results_digest(JUNIT.encode()),
        command=(sys.executable, "-c", WRITES),
        exit_code=0,
        recorded_at="2026-03-14T09:26:53Z",
        by="person:ann",
    )


def test_it_builds_before_and_after(workshop: Workshop) -> None:
    workshop.run()

    assert workshop.source.built == ["production", "production"]


def test_the_command_gets_the_artifact_and_writes_as_it_runs(workshop: Workshop) -> None:
    output = workshop.project / "shown.txt"

    says = "print(os.environ['HEADGATE_ARTIFACT']); print(2, file=sys.stderr)"
    run = workshop.run(f"import os, sys; {says}; {WRITES}", output=output)

    assert set(output.read_text().split()) == {run.artifact, "2"}


def test_a_command_that_fails_is_recorded_with_its_exit_code(workshop: Workshop) -> None:
    run = workshop.run(f"{WRITES}; raise SystemExit(3)")

    assert (run.exit_code, workshop.recording().exit_code) == (3, 3)


def test_sources_that_change_meanwhile_void_the_run(workshop: Workshop) -> None:
    with pytest.raises(ProjectError, match="changed while its tests ran"):
        workshop.run(f"{WRITES}; open('index.js', 'a').write('//')")

    assert not (workshop.project / recording_of(RESULTS)).exists()


def test_results_of_an_earlier_run_are_not_recorded(workshop: Workshop) -> None:
    _settings(workshop, results=("reports/*.xml",))
    workshop.run()
    (workshop.project / "reports" / "old.xml").write_text(JUNIT)

    run = workshop.run()

    assert (run.recorded, run.stale) == ((RESULTS,), ("reports/old.xml",))
    assert not (workshop.project / recording_of("reports/old.xml")).exists()


def test_recordings_are_not_taken_for_results(workshop: Workshop) -> None:
    _settings(workshop, results=("reports/*",))
    workshop.run()

    assert workshop.run().recorded == (RESULTS,)


def test_a_run_that_writes_nothing_records_nothing_and_forgets_what_was(workshop: Workshop) -> None:
    workshop.run()

    with pytest.raises(ProjectError, match="exit code 0 and wrote no results"):
        workshop.run("pass")

    assert not (workshop.project / recording_of(RESULTS)).exists()


def test_results_that_are_the_same_but_written_anew_are_recorded(workshop: Workshop) -> None:
    workshop.run()

    assert workshop.run().recorded == (RESULTS,)


def test_tests_that_take_too_long_are_ended_with_all_they_started(workshop: Workshop) -> None:
    _settings(workshop, timeout_seconds=1.0)
    sleep = "[sys.executable, '-c', 'import time; time.sleep(60)']"
    program = (
        f"import subprocess, sys; p = subprocess.Popen({sleep}); open('pid', 'w').write(str(p.pid)); p.wait()"
    )

    with pytest.raises(ProjectError, match="still ran after 1 s"):
        workshop.run(program)

    assert not _is_running(int((workshop.project / "pid").read_text()))
    assert not (workshop.project / recording_of(RESULTS)).exists()


def _is_running(pid: int) -> bool:
    """Whether it is there after a moment, and is not merely waiting to be reaped."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        if state == "Z":
            return False
        time.sleep(0.02)
    return True


def test_a_command_that_is_not_there_is_told(workshop: Workshop) -> None:
    _settings(workshop, command=("no-such-program-anywhere",))

    with pytest.raises(ProjectError, match="cannot be started") as raised:
        workshop.run()

    assert raised.value.where == "no-such-program-anywhere"


@pytest.mark.parametrize(("field_name", "remedy"), [("command", "`command ="), ("results", "`results =")])
def test_what_is_not_configured_is_told_before_anything_runs(
    workshop: Workshop, field_name: str, remedy: str
) -> None:
    _settings(workshop, **{field_name: ()})

    with pytest.raises(ConfigError) as raised:
        workshop.run()

    assert remedy in raised.value.remedy
    assert workshop.source.built == []


def test_the_command_finds_the_node_that_builds(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older one on PATH, or none, is no reason for tests to fail."""
    monkeypatch.setenv("PATH", os.defpath)
    program = (
        "import subprocess as s; major = s.run(['node', '-p', 'process.versions.node.split(`.`)[0]'], "
        f"capture_output=True, check=True).stdout; open('major', 'wb').write(major); {WRITES}"
    )

    workshop.run(program)

    assert int((workshop.project / "major").read_text()) >= 22
