"""`make bench`: prints each measurement beside what it is held against; ends with 1 where one falls short.

`python -m bench releases` and `python -m bench edge` take one half alone.
"""

from __future__ import annotations

import sys

from bench import deploy, edge, rollback
from bench.scene import scene

TIMES_FASTER_MIN = 5.0
TIMES_AS_LONG_MAX = 1.5


def main() -> int:
    """Measure everything, or the half that is named; the exit code."""
    halves = {"releases": measure_releases, "edge": edge.measure}
    wanted = sys.argv[1:] or list(halves)
    if not halves.keys() >= set(wanted):
        print(f"usage: python -m bench [{' | '.join(halves)}]", file=sys.stderr)
        return 2
    held = [halves[name]() for name in wanted]
    return 0 if all(held) else 1


def measure_releases() -> bool:
    """Headgate beside bare wrangler; whether all of it holds."""
    with scene() as measured:
        back = rollback.measure(measured)
        forth = deploy.measure(measured)
    fast_enough = back.ratio >= TIMES_FASTER_MIN
    cheap_enough = 1 / forth.ratio <= TIMES_AS_LONG_MAX
    print("\nFrom the command to traffic switched")
    print(back)
    print(f"  {back.ratio:.1f} times faster (at least {TIMES_FASTER_MIN:g}): {_word(fast_enough)}")
    print("\nA whole release")
    print(forth)
    print(f"  {1 / forth.ratio:.2f} times as long (at most {TIMES_AS_LONG_MAX:g}): {_word(cheap_enough)}")
    return fast_enough and cheap_enough


def _word(held: bool) -> str:
    return "held" if held else "NOT HELD"


if __name__ == "__main__":
    sys.exit(main())
