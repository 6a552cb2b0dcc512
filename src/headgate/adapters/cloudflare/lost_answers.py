"""Acts whose answer can get lost: look whether they were done before doing them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from headgate.domain.errors import PlatformError, PlatformUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_ATTEMPTS_MAX = 3


def surely(act: Callable[[], T], look: Callable[[], T | None], *, pause: Callable[[], None]) -> T:
    """Do `act` until it is known to be done; `look` finds what an act with a lost answer has left.

    Raises the PlatformError of an act that was refused, and the last one if no answer comes.
    """
    for attempt in range(1, _ATTEMPTS_MAX + 1):
        try:
            return act()
        except PlatformError as error:
            if not _may_have_been_done(error):
                raise
            lost = error
        pause()
        found = look()
        if found is not None:
            return found
        if attempt == _ATTEMPTS_MAX:
            raise lost
    raise AssertionError("the last attempt returns or raises")


def _may_have_been_done(error: PlatformError) -> bool:
    return isinstance(error, PlatformUnreachable) or error.status >= 500
