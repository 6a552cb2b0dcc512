"""A small set of the judge's benchmark: it runs, and what must hold in every run holds."""

from __future__ import annotations

import subprocess
import sys

from bench.judge.rollouts import End, roll_out
from bench.judge.simulation import cores
from bench.judge.worlds import World


def test_the_small_set_runs() -> None:
    command = [sys.executable, "-m", "bench.judge", "--small"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "36 cells" in done.stdout
    assert "this judge" in done.stdout


def test_a_regression_that_a_fixed_limit_promotes_is_rolled_back() -> None:
    """Five times the errors of a baseline at 0.1 % stay below a limit of 5 %."""
    world = World(100, 0, 0.001, worse=5)
    with cores() as pool:
        ours = roll_out("this judge", world, 4, 1, pool)
        theirs = roll_out("Flagger-like", world, 4, 1, pool)
    assert {one.how for one in ours} == {End.ROLLED_BACK}
    assert {one.how for one in theirs} == {End.PROMOTED}
