"""Prints the tables; ends with 1 where the judge falls short of what it promises.

python -m bench.judge            the whole, some minutes
python -m bench.judge --small    a small set, for CI: it proves little, but that it runs
"""

from __future__ import annotations

import sys
import time
from statistics import mean
from typing import TYPE_CHECKING

from bench.judge import latencies
from bench.judge.cells import BROKEN, HEALTHY, WORSE
from bench.judge.ours import Ours
from bench.judge.peers import Kayenta, Repeated, Threshold
from bench.judge.rollouts import STRATEGIES, roll_out, told
from bench.judge.simulation import Runs, cores, simulate
from bench.judge.worlds import World

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

SEED = 20261123
RULES = (Threshold, Kayenta, Repeated, Ours)
FALSE_MAX = 0.005
RUNS, RUNS_SMALL = 1000, 6
DETECTIONS_MAX, LATENCIES_MAX, ROLLOUTS_MAX = 300, 100, 100


def main(arguments: list[str]) -> int:
    """The exit code."""
    small = arguments == ["--small"]
    runs, began = RUNS_SMALL if small else RUNS, time.perf_counter()
    with cores() as pool:
        worst = _healthy(pool, runs)
        _broken(pool, min(runs, DETECTIONS_MAX))
        worst = max(worst, _latency(pool, min(runs, LATENCIES_MAX)))
        _rollouts(pool, min(runs, ROLLOUTS_MAX))
    held = worst <= FALSE_MAX
    word = "held" if held else "too few runs to say" if small else "NOT HELD"
    print(f"\nworst false rollback {worst:.4f} (at most {FALSE_MAX}): {word}")
    print(f"seed {SEED}, {time.perf_counter() - began:.0f} s")
    return 0 if held or small else 1


def _healthy(pool: ProcessPoolExecutor, runs: int) -> float:
    """False rollbacks of healthy canaries, mean and worst over a row's worlds; the judge's worst."""
    print(f"A healthy canary is rolled back ({runs} runs a cell): mean / worst share of runs\n")
    print(f"{'':32}" + "".join(f"{rule.name:>20}" for rule in RULES))
    worst = 0.0
    for row in HEALTHY:
        cells = [[simulate(rule, world, runs, SEED, pool).share for world in row.worlds] for rule in RULES]
        shown = "".join(f"{mean(each):>11.4f} / {max(each):.4f}" for each in cells)
        print(f"{row.name:32}{shown}", flush=True)
        worst = max(worst, *cells[-1])
    return worst


def _broken(pool: ProcessPoolExecutor, runs: int) -> None:
    """How soon a regression is found."""
    print(
        f"\nA broken canary at 10 %, baseline 0.5 % ({runs} runs): found, median / p95 s\n\n{'':16}", end=""
    )
    print("".join(f"{f'x{worse:g}':>26}" for worse in WORSE))
    for row in BROKEN:
        found = [_found(simulate(Ours, world, runs, SEED, pool)) for world in row.worlds]
        print(f"{row.name:16}{''.join(found)}", flush=True)


def _latency(pool: ProcessPoolExecutor, runs: int) -> float:
    """How soon slowness is found; the share of healthy canaries that are rolled back for it."""
    print(f"\nA slower canary, 100 requests/s, 10 % ({runs} runs): found, median / p95 s\n")
    for slowness in latencies.SLOWER:
        print(f"{slowness.name:16}{_found(latencies.simulate(slowness, runs, SEED, pool))}", flush=True)
    wrong = latencies.simulate(latencies.HEALTHY, runs, SEED, pool).share
    print(f"{latencies.HEALTHY.name:16}{wrong:>10.2%} rolled back")
    return wrong


def _rollouts(pool: ProcessPoolExecutor, runs: int) -> None:
    """Whole rollouts."""
    worlds = {
        "healthy, 100 requests/s, 0.5 %": World(100, 0, 0.005),
        "x5 on 0.1 %, 100 requests/s": World(100, 0, 0.001, worse=5),
        "x5 on 0.5 %, 1000 requests/s": World(1000, 0, 0.005, worse=5),
    }
    print(f"\nWhole rollouts, 5 -> 25 -> 50 -> 100 % ({runs} runs)")
    for title, world in worlds.items():
        print(f"\n{title}")
        for name in STRATEGIES:
            print(f"  {name:16}{told(roll_out(name, world, runs, SEED, pool))}", flush=True)


def _found(found: Runs) -> str:
    median, p95 = found.median_and_p95
    return f"{found.share:>10.0%} {median:>6.0f} /{p95:>5.0f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
