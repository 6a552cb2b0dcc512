"""Ships the example shop three times through the gate, with traffic running all the while.

The third release passes its tests and smoke tests and fails under traffic; Headgate rolls it back by itself.
Everything is real: wrangler builds, workerd serves, and each request is counted. Ends with 1 if anything went
otherwise than it says here.
"""

from __future__ import annotations

import shutil
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.demo.edge import furnish, is_left_over, running_edge
from tools.demo.shell import ROOT, DemoFailed, Shell, heading, say
from tools.demo.traffic import Traffic
from tools.load import Bounds
from tools.shop import BETTER, FLAKY, lay_out, lay_over

if TYPE_CHECKING:
    from types import FrameType

    from tools.load import Counts

PROJECT = ROOT / "build" / "demo" / "shop"
REQUESTS_AT_LEAST = 20_000
TRAFFIC = Bounds(rate_per_s=500, visitors=24, seconds=280)
RELEASED, ROLLED_BACK = 0, 4


@dataclass(frozen=True)
class Release:
    """One release, and the exit code that `headgate deploy` should end with."""

    title: str
    overlay: str
    reason: str
    ends_with: int


RELEASES = (
    Release("Release 1: the shop opens", "", "Open the shop", RELEASED),
    Release("Release 2: search and a discount", BETTER, "Add search and a discount", RELEASED),
    Release(
        "Release 3: passes every test, fails under traffic", FLAKY, "Show how many are left", ROLLED_BACK
    ),
)


def main() -> int:
    """Run the demo; the exit code."""
    signal.signal(signal.SIGTERM, _stop)
    shell = Shell(PROJECT)
    try:
        counts = _run(shell)
    except DemoFailed as error:
        say(f"\nThe demo failed: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nThe demo was stopped.")
        return 130
    return _conclude(counts)


def _run(shell: Shell) -> Counts:
    heading("A shop, and a Cloudflare on this machine")
    _make_project(shell)
    with running_edge(shell) as edge:
        furnish(shell)
        with Traffic(edge.traffic_port, TRAFFIC) as traffic:
            for release in RELEASES:
                _ship(shell, release, traffic)
            heading("What was done")
            shell.headgate("history")
            shell.headgate("journal", "verify")
            return traffic.finish(REQUESTS_AT_LEAST)


def _make_project(shell: Shell) -> None:
    """A fresh copy of the shop, even where an earlier demo was killed."""
    if is_left_over(shell):
        shell.headgate("edge", "down")
    shutil.rmtree(shell.project, ignore_errors=True)
    lay_out(shell.project)
    say(f"The shop is in {shell.project.relative_to(ROOT)}.")


def _ship(shell: Shell, release: Release, traffic: Traffic) -> None:
    heading(release.title)
    if release.overlay:
        lay_over(shell.project, release.overlay)
    say(shell.headgate_told("test").rpartition("\n\n")[2].rstrip())
    code = shell.headgate("deploy", "--reason", release.reason)
    shell.headgate("report")
    so_far = traffic.counts()
    say("\n".join([f"Traffic so far: {so_far}", *so_far.losses]))
    if code != release.ends_with:
        raise DemoFailed(f"`headgate deploy` ended with exit code {code} instead of {release.ends_with}")


def _conclude(counts: Counts) -> int:
    heading("Traffic during all of it, from the moment the shop opened")
    for number, (version_id, version) in enumerate(counts.by_version.items(), start=1):
        say(
            f"release {number}: {version.answers:,} answers, {version.errors:,} errors (version {version_id})"
        )
    for loss in counts.losses:
        say(f"lost: {loss}")
    say(f"\n{counts}")
    return 1 if counts.lost else 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
