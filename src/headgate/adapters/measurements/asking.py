"""Asks a monitoring system over HTTP, and never tells what could be secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from headgate.adapters.http_client.client import Request
from headgate.adapters.http_client.errors import HttpError
from headgate.domain.errors import ConfigError, PlatformError, PlatformRefused, PlatformUnreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.adapters.http_client.client import HttpClient

_TEXT_MAX = 300


class Monitoring:
    """One system: its name in messages, its address without a slash at the end, credentials as headers."""

    def __init__(
        self, name: str, url: str, headers: Mapping[str, str], http: HttpClient, *, timeout_seconds: float
    ) -> None:
        self.name = name
        self._url = url
        self._headers = {"Accept": "application/json", **headers}
        self._http = http
        self._timeout_seconds = timeout_seconds

    def get(self, path: str, arguments: Mapping[str, str | int], *, remedy: str) -> dict[str, Any]:
        """The answer, an object. Raises PlatformError; `remedy` is for one who is not let in."""
        where = f"{self._url}{path}"
        request = Request("GET", f"{where}?{urlencode(arguments)}", self._headers)
        try:
            answer = self._http.send(request, timeout_seconds=self._timeout_seconds)
        except HttpError as error:
            raise PlatformUnreachable(f"{self.name} cannot be reached: {error.what}.", where=where) from error
        try:
            found = json.loads(answer.body)
        except ValueError:
            found = None
        if answer.status in (401, 403):
            raise PlatformRefused(
                f"{self.name} does not let Headgate in (HTTP {answer.status}).", where=where, remedy=remedy
            )
        if answer.status != 200 or not isinstance(found, dict):
            told = f": {_error_of(found)}" if isinstance(found, dict) else ""
            raise PlatformError(
                f"{self.name} answered HTTP {answer.status}{told}.", where=where, status=answer.status
            )
        return found


def secret(environment: Mapping[str, str], variable: str, purpose: str) -> str:
    """The value of a variable. Raises ConfigError, which names the variable."""
    value = environment.get(variable, "").strip()
    if not value:
        raise ConfigError(
            f"The environment variable {variable} is not set; it holds {purpose}.",
            where="[metrics]",
            remedy=f"Set {variable} where Headgate runs.",
        )
    return value


def _error_of(answer: Mapping[str, Any]) -> str:
    told = answer.get("error") or answer.get("errors") or answer.get("message") or "no reason was given"
    return str(told)[:_TEXT_MAX]
