"""`make bench`: prints each measurement beside what it is held against; ends with 1 where one falls short."""

from __future__ import annotations

import sys

from bench import deploy, rollback
from bench.scene import scene

TIMES_FASTER_MIN = 5.0
TIMES_AS_LONG_MAX = 1.5


def main() -> int:
    """Measure everything; the exit code."""
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
    return 0 if fast_enough and cheap_enough else 1


def _word(held: bool) -> str:
    return "held" if held else "NOT HELD"


if __name__ == "__main__":
    sys.exit(main())
