"""What can go wrong with a request.

HttpError
├── Unreachable     no complete answer came
└── BadAnswer       something came that is not a sound HTTP answer, or is too large
"""

from __future__ import annotations

from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.adapters.http_client.deadline import Deadline


class HttpError(Exception):
    """`what` happened, and `where`: the address without its query.

    `delivered` says whether the other side may have received the request, and so may have done what it asks.
    """

    def __init__(self, what: str, *, where: str, delivered: bool) -> None:
        super().__init__(f"{what} ({where})")
        self.what = what
        self.where = where
        self.delivered = delivered


class Unreachable(HttpError):
    """No connection, or it broke, or time ran out before the answer was complete."""


class BadAnswer(HttpError):
    """An answer that cannot be used."""


def explained(error: Exception, deadline: Deadline, *, where: str, delivered: bool) -> HttpError:
    """Say in words what an error of the socket or of http.client means."""
    if isinstance(error, TimeoutError):
        return Unreachable(f"No answer within {deadline.seconds:g} s", where=where, delivered=delivered)
    if isinstance(error, ConnectionRefusedError):
        return Unreachable("Nothing listens at this address", where=where, delivered=False)
    if isinstance(error, IncompleteRead):
        return Unreachable("The connection broke within the answer", where=where, delivered=delivered)
    if isinstance(error, ConnectionError) and delivered:
        return Unreachable("The connection broke before an answer came", where=where, delivered=True)
    if isinstance(error, OSError):
        return Unreachable(error.strerror or str(error), where=where, delivered=delivered)
    if isinstance(error, HTTPException):
        return BadAnswer(f"What came is not HTTP: {type(error).__name__}", where=where, delivered=delivered)
    raise TypeError(error)
