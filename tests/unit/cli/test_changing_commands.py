"""The commands that make, take up or stop a change."""

from __future__ import annotations

import io
import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from headgate.domain.errors import ChangeBusy, ConfigError, PlatformUnreachable
from headgate.domain.journal import Event
from headgate.entrypoints.cli.main import parse
from tests.unit.cli.fake_application import FakeApplication, disaster
from tests.unit.cli.terminal import headgate
from tests.unit.report import stories

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("course", "code", "said"),
    [
        (stories.closed, 0, f"Released version {stories.NEW} to shop/production."),
        (stories.rejected, 3, "The release to shop/production was rejected. Nothing was changed."),
        (stories.rolled_back, 4, "The release to shop/production was rolled back by itself."),
        (stories.foreign_change, 4, "left alone: bob set shop-production to v9"),
    ],
)
def test_deploy_tells_what_happened_and_how_it_ended(course: object, code: int, said: str) -> None:
    application = FakeApplication(course)  # type: ignore[arg-type]

    printed = headgate(application, "deploy", "--reason", "Faster cart")

    assert printed.code == code
    assert said in printed.out
    assert printed.out.startswith("building staging and production\n09:26:53  release c001")
    assert application.asked == [("release", "production", "Faster cart", "ci:octocat"), ("carry", "c001")]
    assert application.closed


def test_deploy_as_data_prints_one_object() -> None:
    printed = headgate(FakeApplication(stories.rolled_back), "deploy", "--reason", "x", "--json")

    assert printed.code == 4
    assert (printed.data["outcome"], printed.data["exit_code"], printed.data["automatic"]) == (
        "rolled back",
        4,
        True,
    )
    assert printed.err == ""


def test_deploy_takes_its_reason_from_the_commit(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=ann", "-c", "user.email=ann@example.com"]
    for command in (
        ["init", "-q"],
        ["commit", "-q", "--allow-empty", "-m", "Make the cart faster\n\nWith care."],
    ):
        subprocess.run([*git, *command], check=True)
    application = FakeApplication(stories.closed, project=str(tmp_path))

    assert headgate(application, "deploy").code == 0
    assert str(application.asked[0][2]).startswith("Make the cart faster (")


def test_deploy_without_a_commit_needs_a_reason(tmp_path: Path) -> None:
    printed = headgate(FakeApplication(stories.closed, project=str(tmp_path)), "deploy")

    assert printed.code == 2
    assert "--reason" in printed.err


def test_deploy_while_another_change_runs_is_refused() -> None:
    application = FakeApplication(stories.closed, busy_times=1)

    assert headgate(application, "deploy", "--reason", "x").code == 5


def test_deploy_with_wait_waits_and_says_so_once() -> None:
    application = FakeApplication(stories.closed, busy_times=3)

    printed = headgate(application, "deploy", "--reason", "x", "--wait")

    assert printed.code == 0
    assert printed.err.count("Another change is running. Waiting for its end.") == 1
    assert application.clock.slept[:3] == [1.0, 1.0, 1.0]


def test_deploy_does_not_wait_for_ever() -> None:
    application = FakeApplication(stories.closed, busy_times=10_000)

    printed = headgate(application, "deploy", "--reason", "x", "--wait")

    assert printed.code == 5
    assert sum(application.clock.slept) == 3600


def test_deploy_takes_up_what_was_interrupted_first() -> None:
    application = FakeApplication(stories.closed)
    left = application.interrupt()

    printed = headgate(application, "deploy", "--reason", "x")

    assert f"The release {left} of shop/production was interrupted (running). Taking it up." in printed.err
    assert application.asked[0] == ("carry", left)
    assert application.asked[1][0] == "release"
    assert "left in the middle" not in printed.out


def test_deploy_to_an_unknown_environment() -> None:
    printed = headgate(FakeApplication(stories.closed), "deploy", "nowhere", "--reason", "x")

    assert printed.code == 2
    assert printed.err == "headgate: There is no environment nowhere.\n  Known are: staging, production.\n"


def test_an_error_while_carrying_is_told_like_any_other() -> None:
    application = FakeApplication(
        stories.closed, raises=PlatformUnreachable("No answer.", where="api", remedy="Wait.")
    )

    printed = headgate(application, "deploy", "--reason", "x")

    assert printed.code == 6
    assert application.asked[-1] == ("abort", "c001", "No answer.")
    assert printed.err == "headgate: No answer.\n  at api\n  Wait.\n"


def test_a_release_goes_on_when_nobody_reads_what_it_prints() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    application = FakeApplication(stories.rolled_back)

    assert headgate(application, "deploy", "--reason", "x", out=Gone(), err=Gone()).code == 4
    assert application.history()[0].outcome == "rolled back"


def test_ctrl_c_while_building_leaves_nothing_that_could_be_taken_up() -> None:
    application = FakeApplication(stories.closed)

    def stop(_text: str) -> None:
        application.propose()
        raise KeyboardInterrupt

    class Stopped(io.StringIO):
        def write(self, text: str) -> int:
            if "building" in text:
                stop(text)
            return len(text)

    assert headgate(application, "deploy", "--reason", "x", out=Stopped()).code == 130
    assert application.asked[-1] == ("abort", "c001", "stopped before it began")


def test_rollback_needs_nothing_else_and_says_first_what_serves() -> None:
    application = FakeApplication(stories.rollback)

    printed = headgate(application, "rollback")

    assert printed.code == 0
    assert printed.out.startswith(f"shop/production serves {stories.OLD} 100 %.\n")
    assert f"Rolled back shop/production to version {stories.OLD}." in printed.out
    assert application.asked[0] == ("rollback", "production", "rollback asked for by ci:octocat", "")


def test_rollback_to_a_named_version_with_a_reason() -> None:
    application = FakeApplication(stories.rollback)

    headgate(application, "rollback", "staging", "--to", "v1", "--reason", "slow")

    assert application.asked[0] == ("rollback", "staging", "slow", "v1")


def test_rollback_of_a_running_release_follows_it_to_its_end() -> None:
    application = FakeApplication(stories.rolled_back)
    running = application.run_elsewhere()
    application.clock.then = application.end_elsewhere

    printed = headgate(application, "rollback")

    assert f"The release {running} is under way: told it to go back." in printed.out
    assert printed.code == 0
    assert ("carry", running) not in application.asked


def test_rollback_brings_an_interrupted_change_elsewhere_to_its_end_first() -> None:
    application = FakeApplication(stories.rollback)
    left = application.interrupt()

    printed = headgate(application, "rollback")

    assert [asked[0] for asked in application.asked] == ["rollback", "carry", "rollback", "carry"]
    assert application.asked[1] == ("carry", left)
    assert printed.code == 0


def test_rollback_that_finds_another_change_running_is_refused() -> None:
    application = FakeApplication(stories.rollback)
    application.rollback = lambda **_: (_ for _ in ()).throw(ChangeBusy("Busy."))  # type: ignore[method-assign]

    assert headgate(application, "rollback").code == 5


def test_resume_brings_everything_to_its_end() -> None:
    application = FakeApplication(stories.rolled_back)
    application.interrupt()

    printed = headgate(application, "resume")

    assert printed.code == 4
    assert "was rolled back by itself" in printed.out
    assert headgate(application, "resume").out == "Nothing was interrupted.\n"


def test_resume_shows_only_what_is_new() -> None:
    application = FakeApplication(stories.closed)
    application.interrupt()

    printed = headgate(application, "resume")

    assert "gate tests" not in printed.out
    assert "verified: every step was done and checked" in printed.out


def test_resume_as_data() -> None:
    application = FakeApplication(stories.closed)
    application.interrupt()

    printed = headgate(application, "resume", "--json")

    assert [change["outcome"] for change in printed.data["changes"]] == ["done"]
    assert headgate(application, "resume", "--json").data == {"changes": [], "exit_code": 0}


def test_abort_waits_until_the_other_process_has_undone_it() -> None:
    application = FakeApplication(stories.rolled_back)
    running = application.run_elsewhere()

    printed = headgate(application, "abort", "--reason", "wrong branch")

    assert printed.code == 0
    assert application.asked == [("abort", running, "wrong branch")]
    assert "was rolled back" in printed.out


def test_abort_of_an_interrupted_change_carries_it_here() -> None:
    application = FakeApplication(stories.rolled_back)
    left = application.interrupt()

    assert headgate(application, "abort").code == 0
    assert application.asked == [("abort", left, "asked for"), ("carry", left)]


def test_abort_of_a_change_that_has_ended() -> None:
    application = FakeApplication(stories.closed)
    headgate(application, "deploy", "--reason", "x")

    assert headgate(application, "abort").code == 1


def test_promote_tells_the_change_that_runs_and_does_not_stay() -> None:
    application = FakeApplication(stories.rolled_back)
    running = application.run_elsewhere()

    printed = headgate(application, "promote", "--reason", "seen enough")

    assert printed.code == 0
    assert application.asked == [("promote", running, "seen enough")]
    assert printed.out == f"Told {running}: go on. `headgate watch` follows it.\n"
    assert json.loads(headgate(application, "promote", "--json").out) == {
        "change": running,
        "asked": "go on",
        "exit_code": 0,
    }


def test_retry_tells_a_change_that_runs() -> None:
    application = FakeApplication(stories.rolled_back)
    running = application.run_elsewhere()

    printed = headgate(application, "retry")

    assert printed.code == 0
    assert application.asked == [("retry", running, f"retry of {running}")]
    assert "weigh this stage anew" in printed.out


def test_retry_of_what_was_rolled_back_carries_the_new_release() -> None:
    application = FakeApplication(stories.rolled_back)
    headgate(application, "deploy", "--reason", "x")
    application.asked.clear()

    printed = headgate(application, "retry", "--reason", "mended")

    assert printed.code == 4
    assert [asked[0] for asked in application.asked] == ["retry", "release", "carry"]
    assert "was rolled back by itself" in printed.out


def test_watch_follows_another_process() -> None:
    application = FakeApplication(stories.closed)
    application.run_elsewhere()
    application.clock.then = application.end_elsewhere

    printed = headgate(application, "watch")

    assert printed.code == 0
    assert "ended: release c001: done" in printed.out


def test_watch_as_data_prints_one_line_an_entry() -> None:
    application = FakeApplication(stories.rejected)
    headgate(application, "deploy", "--reason", "x")

    printed = headgate(application, "watch", "--json")

    events = [json.loads(line)["event"] for line in printed.out.splitlines()]
    assert events[0] == Event.CHANGE_PROPOSED
    assert events[-1] == Event.CHANGE_CLOSED
    assert printed.code == 3


def test_watch_ends_when_nobody_carries_the_change() -> None:
    application = FakeApplication(stories.closed)
    change_id = application.run_elsewhere()

    def die() -> None:
        application.elsewhere = ()
        application.left = [change_id]

    application.clock.then = die

    printed = headgate(application, "watch")

    assert printed.code == 7
    assert "is not finished" in printed.out


def test_ctrl_c_stops_the_watching_only() -> None:
    application = FakeApplication(stories.closed)
    application.run_elsewhere()

    def press() -> None:
        raise KeyboardInterrupt

    application.clock.then = press

    printed = headgate(application, "watch")

    assert printed.code == 130
    assert "The change goes on" in printed.err


def test_test_passes_the_command_on(tmp_path: Path) -> None:
    application = FakeApplication(stories.closed)
    with (tmp_path / "out").open("w") as out:
        assert headgate(application, "test", "--", "npm", "run", "unit", out=out).code == 0
    assert application.asked == [("test", ("npm", "run", "unit"))]
    text = (tmp_path / "out").read_text()
    assert "The tests passed in 1.5 s." in text
    assert "left over from another run, and not recorded: old.xml" in text


def test_test_of_failing_tests(tmp_path: Path) -> None:
    application = FakeApplication(stories.closed, tests_exit_code=3)
    with (tmp_path / "err").open("w") as err:
        printed = headgate(application, "test", "--json", err=err)
    assert printed.code == 1
    assert printed.data["tests_exit_code"] == 3


def test_an_error_as_data() -> None:
    application = FakeApplication(stories.closed, raises=disaster())

    printed = headgate(application, "deploy", "--reason", "x", "--json")

    error = {"kind": "HeadgateError", "what": "It broke.", "where": "here", "remedy": "Mend it."}
    assert printed.data == {"error": {**error, "problems": []}, "exit_code": 1}


@pytest.mark.parametrize("command", ["deploy", "rollback", "abort"])
@pytest.mark.parametrize(
    ("reason", "told"),
    [("  ", "it is empty"), ("", "it is empty"), ("x" * 2001, "it has 2001 characters, and may have 2000")],
)
def test_a_reason_that_is_none_is_a_mistake_in_the_command(command: str, reason: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        parse(command, ["--reason", reason])
