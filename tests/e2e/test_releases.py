"""The whole way, as a user goes it: the real command line, wrangler and workerd."""

from __future__ import annotations

import json
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tools.load import Bounds, Load
from tools.shop import BETTER, FLAKY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.project import Project

pytestmark = pytest.mark.e2e

ROLLED_BACK, REJECTED, BUSY = 4, 3, 5
LONGEST_SECONDS = 60


@contextmanager
def traffic(project: Project, *, rate_per_s: float = 150) -> Iterator[Load]:
    """Customers in production while the block runs; none of them is lost."""
    port = urlsplit(project.edge.told["traffic_url"]).port
    assert port is not None
    load = Load(port, f"{project.script}.localhost", Bounds(rate_per_s=rate_per_s, visitors=8, seconds=300))
    load.start()
    yield load
    counts = load.stop()
    assert counts.sent > 0
    assert counts.lost == 0, str(counts)


def until(seen: Callable[[], Any], what: str) -> Any:  # noqa: ANN401 - whatever is looked for
    """Look until it is seen."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        if found := seen():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not seen in {LONGEST_SECONDS} s: {what}")


def newest(project: Project) -> dict[str, Any]:
    """The newest change, as `history --json` tells it."""
    changes = json.loads(project.headgate("history", "--limit", "1", "--json").stdout)["changes"]
    return dict(changes[0])


def test_three_releases_under_traffic_the_last_rolled_back_by_itself(project: Project) -> None:
    project.deploy("open the shop")
    with traffic(project):
        project.lay_over(BETTER)
        project.deploy("search")
        better = project.version_serving()
        project.lay_over(FLAKY)
        project.deploy("scarce products", expect=ROLLED_BACK)
        assert project.version_serving() == better
    report = project.headgate("report", "--format", "md").stdout
    assert "errors" in report or "slower than" in report
    assert (project.folder / "docs" / "runbooks" / f"{project.service}.md").exists()
    assert "hold" in project.headgate("journal", "verify").stdout


def test_an_untested_build_does_not_get_through(project: Project) -> None:
    draft = project.version_serving()
    done = project.headgate("deploy", "--reason", "no tests were run", expect=REJECTED)
    assert "tests" in done.stdout + done.stderr
    assert project.version_serving() == draft


def test_results_of_another_build_do_not_count(project: Project) -> None:
    project.headgate("test")
    project.set("src/page.ts", "</html>", "<!-- one byte more --></html>")
    done = project.headgate("deploy", "--reason", "changed after its tests", expect=REJECTED)
    assert "another artifact" in done.stdout + done.stderr


def test_a_rollback_needs_nothing_else_and_repeated_ones_go_further_back(project: Project) -> None:
    served = []
    for number in range(3):
        project.set("wrangler.jsonc", '"CURRENCY": "EUR"', f'"CURRENCY": "EUR", "RELEASE_{number}": "yes"')
        project.deploy(f"release {number}")
        served.append(project.version_serving())
    for expected in (served[1], served[0]):
        project.headgate("rollback")
        assert project.version_serving() == expected
    project.headgate("rollback", "--to", served[2])
    assert project.version_serving() == served[2]


def test_a_killed_deploy_is_taken_up_by_the_next_command(project: Project) -> None:
    project.headgate("test")
    draft = project.version_serving()
    deploy = project.started("deploy", "--reason", "killed half way")
    until(lambda: project.version_serving() != draft, "the switch")
    deploy.send_signal(signal.SIGKILL)
    deploy.communicate()
    project.headgate("status")
    until(lambda: newest(project)["outcome"] == "done", "the end of the interrupted release")
    assert project.version_serving() != draft


def test_a_rollback_while_a_deploy_runs_tells_it_to_go_back(project: Project) -> None:
    project.set("headgate.toml", "duration_seconds = 2", "duration_seconds = 60")
    project.headgate("test")
    before = project.version_serving()
    deploy = project.started("deploy", "--reason", "not wanted after all")
    until(lambda: project.version_serving() != before, "the switch")
    second = project.headgate("deploy", "--reason", "at the same time", expect=BUSY)
    assert "running" in second.stdout + second.stderr
    project.headgate("rollback", "--reason", "wrong day", expect=None)
    until(lambda: project.version_serving() == before, "the way back")
    output, _ = deploy.communicate(timeout=LONGEST_SECONDS)
    assert deploy.returncode == ROLLED_BACK, output
    assert "wrong day" in project.headgate("report").stdout


def test_what_somebody_else_deploys_ends_the_release_and_is_left_alone(project: Project) -> None:
    project.set("headgate.toml", "duration_seconds = 2", "duration_seconds = 60")
    project.headgate("test")
    before = project.version_serving()
    deploy = project.started("deploy", "--reason", "meets a colleague")
    until(lambda: project.version_serving() != before, "the switch")
    theirs = project.edge.deploy(project.script, "a colleague's")
    output, _ = deploy.communicate(timeout=LONGEST_SECONDS)
    assert deploy.returncode == ROLLED_BACK, output
    assert "Somebody else changed the deployment" in output
    assert set(project.split()) == {theirs}
