"""Calls of the API: the envelope, errors, limits, and when a call may be repeated."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from headgate.adapters.cloudflare.reading import read
from headgate.adapters.cloudflare.refusals import Refusal, as_error, is_missing, result_of
from headgate.adapters.http_client.client import Answer, Request
from headgate.adapters.http_client.errors import HttpError
from headgate.domain.errors import PlatformError, PlatformUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headgate.adapters.cloudflare.access import Access
    from headgate.adapters.cloudflare.json_value import Json
    from headgate.adapters.http_client.client import HttpClient
    from headgate.ports import CallLog, Clock

T = TypeVar("T")

_REPEATS_MAX = 2
_WAITED_MAX_SECONDS = 30.0
_FIRST_WAIT_SECONDS = 0.2


class ApiCall(NamedTuple):
    """One call. `{account}` in the path stands for the account's id."""

    method: str
    path: str
    query: Mapping[str, str | int] = MappingProxyType({})
    body: bytes | None = None
    content_type: str = "application/json"

    @property
    def is_idempotent(self) -> bool:
        """Whether doing it twice is the same as once."""
        return self.method in ("GET", "DELETE")

    def at(self, account: str) -> str:
        """The path with its query."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        return self.path.replace("{account}", account) + query


class _Failure(NamedTuple):
    """A call that did not succeed: what to tell, and what decides whether it is repeated."""

    error: PlatformError
    was_done: bool | None
    """False: certainly not; None: nobody knows."""
    wait_seconds: float | None = None
    """What the platform itself asked for."""


class ApiClient:
    """Speaks to the API with one token, and notes each call in the call log."""

    def __init__(self, access: Access, http: HttpClient, *, calls: CallLog, clock: Clock) -> None:
        self._access = access
        self._http = http
        self._calls = calls
        self._clock = clock

    def call(self, call: ApiCall) -> Json:
        """The call's `result`. Raises PlatformError and its kinds.

        Repeated a bounded number of times where that is safe: it never arrived, it is idempotent and the
        connection or the platform failed, or the platform asked to slow down.
        """
        waited_seconds = 0.0
        for repeat in range(_REPEATS_MAX + 1):
            outcome = self._attempt(call)
            if not isinstance(outcome, _Failure):
                return outcome
            wait_seconds = _wait_before_repeat(outcome, call, repeat)
            if wait_seconds is None or waited_seconds + wait_seconds > _WAITED_MAX_SECONDS:
                raise outcome.error
            self._clock.sleep(wait_seconds)
            waited_seconds += wait_seconds
        raise AssertionError("the last repeat has no wait")

    def read(self, call: ApiCall, reader: Callable[[Json], T]) -> T:
        """The call's result as `reader` reads it. Raises PlatformError if it is not as documented, too."""
        return read(reader, self.call(call), self._shown(call))

    def read_or_none(self, call: ApiCall, reader: Callable[[Json], T]) -> T | None:
        """The same; None if what the call asks for does not exist."""
        try:
            return self.read(call, reader)
        except PlatformError as error:
            if is_missing(error):
                return None
            raise

    def pause(self) -> None:
        """Wait a moment before looking what became of a call whose answer was lost."""
        self._clock.sleep(_FIRST_WAIT_SECONDS)

    def _attempt(self, call: ApiCall) -> Json | _Failure:
        where = self._shown(call)
        try:
            answer = self._http.send(self._request(call))
        except HttpError as error:
            self._calls.note(f"{where} no answer")
            return _Failure(self._unreachable(error, where), None if error.delivered else False)
        self._calls.note(f"{where} {answer.status} ({1000 * answer.seconds:.0f} ms)")
        result = result_of(answer, where)
        if not isinstance(result, Refusal):
            return result
        was_done = None if result.status >= 500 else False
        return _Failure(as_error(result, self._access), was_done, _asked_wait(answer))

    def _shown(self, call: ApiCall) -> str:
        """The call as people see it."""
        return f"{call.method} {call.at(_short(self._access.account_id))}"

    def _request(self, call: ApiCall) -> Request:
        headers = {"Authorization": f"Bearer {self._access.token}", "Accept": "application/json"}
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        return Request(
            call.method,
            self._access.api_url + call.at(self._access.account_id),
            headers=headers,
            body=call.body,
        )

    def _unreachable(self, error: HttpError, where: str) -> PlatformUnreachable:
        return PlatformUnreachable(
            f"The platform cannot be reached at {self._access.api_url}: {error.what}.",
            where=where,
            remedy=self._access.when_unreachable,
        )


def json_body(value: Mapping[str, Any]) -> bytes:
    """A body for a call."""
    return json.dumps(value).encode()


def _wait_before_repeat(failure: _Failure, call: ApiCall, repeat: int) -> float | None:
    """Seconds to wait before the call is repeated; None if it is not."""
    if repeat == _REPEATS_MAX:
        return None
    backoff_seconds = _FIRST_WAIT_SECONDS * 4.0**repeat
    if failure.error.status == 429:
        return backoff_seconds if failure.wait_seconds is None else failure.wait_seconds
    if isinstance(failure.error, PlatformUnreachable) and failure.was_done is False:
        return backoff_seconds
    return backoff_seconds if failure.was_done is None and call.is_idempotent else None


def _asked_wait(answer: Answer) -> float | None:
    """`Retry-After` in seconds; its other form, a date, the platform does not use."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _short(account_id: str) -> str:
    return account_id[:4] + "…"
