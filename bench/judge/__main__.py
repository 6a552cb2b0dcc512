"""Prints the table; ends with 1 where the judge falls short of what it promises.

python -m bench.judge            the whole, several minutes
python -m bench.judge --small    a small set, for CI
"""

from __future__ import annotations

import sys
from statistics import mean
from typing import TYPE_CHECKING

from bench.judge.cells import BROKEN, HEALTHY, WORSE
from bench.judge.ours import Ours
from bench.judge.peers import Kayenta, Repeated, Threshold
from bench.judge.simulation import cores, simulate

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

SEED = 20261123
RULES = (Threshold, Kayenta, Repeated, Ours)
FALSE_MAX = 0.005
RUNS, RUNS_SMALL = 1000, 50


def main(arguments: list[str]) -> int:
    """The exit code."""
    runs = RUNS_SMALL if arguments == ["--small"] else RUNS
    with cores() as pool:
        worst = _healthy(pool, runs)
        _broken(pool, runs)
    held = worst <= FALSE_MAX or runs == RUNS_SMALL
    print(f"\nworst false rollback {worst:.4f} (at most {FALSE_MAX}): {'held' if held else 'NOT HELD'}")
    return 0 if held else 1


def _healthy(pool: ProcessPoolExecutor, runs: int) -> float:
    """False rollbacks of healthy canaries, mean and worst over a row's worlds; the judge's worst."""
    print(f"A healthy canary is rolled back ({runs} runs a cell): mean / worst share of runs\n")
    print(f"{'':32}" + "".join(f"{rule.name:>20}" for rule in RULES))
    worst = 0.0
    for row in HEALTHY:
        cells = [[simulate(rule, world, runs, SEED, pool).share for world in row.worlds] for rule in RULES]
        print(
            f"{row.name:32}" + "".join(f"{mean(each):>11.4f} / {max(each):.4f}" for each in cells), flush=True
        )
        worst = max(worst, *cells[-1])
    return worst


def _broken(pool: ProcessPoolExecutor, runs: int) -> None:
    """How soon a regression is found."""
    print(f"\nA broken canary at 10 %, baseline 0.5 %: found; median / p95 s\n{'':16}", end="")
    print("".join(f"{f'x{worse:g}':>26}" for worse in WORSE))
    for row in BROKEN:
        print(f"{row.name:16}", end="")
        for world in row.worlds:
            found = simulate(Ours, world, min(runs, 300), SEED, pool)
            median, p95 = found.median_and_p95
            print(f"{found.share:>10.0%} {median:>6.0f} /{p95:>5.0f} s", end="", flush=True)
        print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
