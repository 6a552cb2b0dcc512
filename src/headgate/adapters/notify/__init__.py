"""Telling roles: by webhook where one is set, and on the terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from headgate.adapters.notify.several import SeveralChannels
from headgate.adapters.notify.terminal import TerminalNotifier
from headgate.adapters.notify.webhook import WebhookNotifier

if TYPE_CHECKING:
    from headgate.adapters.http_client import HttpClient
    from headgate.domain.settings import NotifySettings
    from headgate.ports import Notifier


def notifier(settings: NotifySettings, http: HttpClient) -> Notifier:
    """Every channel of a project."""
    return SeveralChannels((WebhookNotifier(settings, http, os.environ), TerminalNotifier()))
