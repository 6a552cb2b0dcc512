"""Notices as an HTTP POST of JSON to the role's address.

The address itself is a secret (whoever has it can post there), so only its host is ever told.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from headgate.adapters.http_client import HttpError, Request
from headgate.domain.role import Delivery, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.adapters.http_client import HttpClient
    from headgate.domain.settings import NotifySettings

_FROM_ENVIRONMENT = "env:"


class WebhookNotifier:
    """The Notifier port. A role without a webhook gets nothing."""

    def __init__(self, settings: NotifySettings, http: HttpClient, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._http = http
        self._environment = environment

    def notify(self, notice: Notice) -> tuple[Delivery, ...]:
        setting = self._settings.webhooks.get(notice.role, "")
        if not setting:
            return ()
        problem = self._post(setting, notice)
        return (Delivery(notice.role, "webhook", delivered=not problem, what=problem),)

    def _post(self, setting: str, notice: Notice) -> str:
        """Send it once; what went wrong, or ''."""
        address = self._address(setting)
        if not address:
            return f"the environment variable {setting.removeprefix(_FROM_ENVIRONMENT)} is not set"
        host = _host(address)
        if not host:
            return "the webhook's address is not an http or https URL"
        body = json.dumps(_content(notice), ensure_ascii=False).encode()
        request = Request("POST", address, {"Content-Type": "application/json"}, body)
        try:
            answer = self._http.send(request, timeout_seconds=self._settings.timeout_seconds)
        except HttpError as error:
            # Not `str(error)`: that has the path.
            return f"{error.what} ({host})"
        return "" if 200 <= answer.status < 300 else f"{host} answered with status {answer.status}"

    def _address(self, setting: str) -> str:
        if setting.startswith(_FROM_ENVIRONMENT):
            return self._environment.get(setting.removeprefix(_FROM_ENVIRONMENT), "").strip()
        return setting


def _host(address: str) -> str:
    """The host of an http or https address; '' if it is none."""
    try:
        parts = urlsplit(address)
        # Reading the port finds one that is not a number.
        usable = parts.scheme in ("http", "https") and (parts.port is None or parts.port > 0)
    except ValueError:
        return ""
    return (usable and parts.hostname) or ""


def _content(notice: Notice) -> Mapping[str, object]:
    return {
        "role": notice.role.value,
        "subject": notice.subject,
        "text": f"{notice.subject}\n{notice.text}",
        "data": dict(notice.data),
    }
