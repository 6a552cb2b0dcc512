"""The local edge by itself: throughput beside bare workerd, what a change of the split costs, and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.edge import growth, throughput, waking
from bench.edge.running import running_edge

if TYPE_CHECKING:
    from bench.edge.growth import Step

RATIO_MIN = 0.5
"""Of bare workerd. Not held so far: even the leanest router in JavaScript reaches about a third (ADR 7)."""
RATIO_TO_LEANEST_MIN = 0.8
TIMES_AS_LONG_MAX = 2.0
"""A change at 100 versions, to one at 1: what does not grow still varies on a shared machine."""
MEMORY_MIB_MAX = 2048
WAKING_MS_MAX = 150


def measure() -> bool:
    """Measure and print; whether all of it holds."""
    with running_edge() as edge:
        through = throughput.measure(edge)
    with running_edge() as edge:
        scripts = growth.of_scripts(edge)
    with running_edge() as edge:
        versions = growth.of_versions(edge)
    with running_edge() as edge:
        woken = waking.measure(edge)
    print(f"\nThe local edge: hello-world, {throughput.CONNECTIONS} connections")
    print(through)
    print(f"  the leanest router inside workerd reaches {through.ceiling:.2f} of bare workerd")
    lean = through.ratio_to_leanest
    held = [
        _told(f"{through.ratio:.2f} of bare workerd (at least {RATIO_MIN:g})", through.ratio >= RATIO_MIN),
        _told(
            f"{lean:.2f} of the leanest router (at least {RATIO_TO_LEANEST_MIN:g})",
            lean >= RATIO_TO_LEANEST_MIN,
        ),
    ]
    for what, steps in (("Workers of one version", scripts), ("versions of one Worker", versions)):
        held += _growth(what, steps)
    print("\nThe local edge: the first answer of a version that was asleep")
    print(woken)
    held.append(_told(f"{woken.typical_ms:.0f} ms (under {WAKING_MS_MAX})", woken.typical_ms < WAKING_MS_MAX))
    return all(held)


def _growth(what: str, steps: tuple[Step, ...]) -> list[bool]:
    first, last = steps[0], steps[-1]
    times = last.change / first.change
    print(f"\nThe local edge: {what}")
    print(*steps, sep="\n")
    return [
        _told(
            f"a change takes {times:.2f} times as long with {last.versions} as with {first.versions}"
            f" (at most {TIMES_AS_LONG_MAX:g})",
            times <= TIMES_AS_LONG_MAX,
        ),
        _told(
            f"{last.pss_mib:,.0f} MiB with {last.versions} (under {MEMORY_MIB_MAX:,})",
            last.pss_mib < MEMORY_MIB_MAX,
        ),
    ]


def _told(what: str, held: bool) -> bool:
    print(f"  {what}: {'held' if held else 'NOT HELD'}")
    return held
