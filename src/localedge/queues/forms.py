"""Reads what clients ask of a queue and of its consumer: from the API's names, checked, to values."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_MALFORMED, Invalid
from localedge.queues.codes import CODE_CONSUMER_SETTINGS, CODE_QUEUE_SETTINGS
from localedge.queues.model import DELAY_SECONDS_MAX, ConsumerSettings, QueueSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?")

QUEUE_NUMBERS = {
    "delivery_delay": ("delivery_delay_seconds", 0, DELAY_SECONDS_MAX),
    "message_retention_period": ("retention_seconds", 60, 1_209_600),
}
CONSUMER_NUMBERS = {
    "batch_size": ("batch_size", 1, 100),
    "max_retries": ("max_retries", 0, 100),
    "max_wait_time_ms": ("max_wait_time_ms", 0, 60_000),
    "max_concurrency": ("max_concurrency", 1, 250),
    "retry_delay": ("retry_delay_seconds", 0, DELAY_SECONDS_MAX),
    "visibility_timeout_ms": ("visibility_timeout_ms", 0, 43_200_000),
}
"""The API's name -> ours, the lowest and the highest value.

https://developers.cloudflare.com/queues/platform/limits/
"""


def read_name(body: Mapping[str, Any]) -> str:
    """`queue_name`."""
    name = body.get("queue_name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        message = (
            f"queue_name {name!r} is not valid: it has up to 63 letters, digits, dashes and underscores, and"
            " begins and ends with a letter or digit"
        )
        raise Invalid(CODE_MALFORMED, message)
    return name


def read_queue_settings(body: Mapping[str, Any], before: QueueSettings) -> QueueSettings:
    """`before` with what the request changes."""
    given = _settings(body, CODE_QUEUE_SETTINGS)
    numbers = _numbers(given, QUEUE_NUMBERS, CODE_QUEUE_SETTINGS)
    paused = given.get("delivery_paused")
    if paused is None:
        paused = before.delivery_paused
    if not isinstance(paused, bool):
        raise Invalid(CODE_QUEUE_SETTINGS, "delivery_paused has to be true or false")
    return replace(before, delivery_paused=paused, **numbers)


def read_consumer_settings(body: Mapping[str, Any]) -> ConsumerSettings:
    """All settings; those that the request does not name have the platform's defaults."""
    given = _settings(body, CODE_CONSUMER_SETTINGS)
    return ConsumerSettings(**_numbers(given, CONSUMER_NUMBERS, CODE_CONSUMER_SETTINGS))


def show_queue_settings(settings: QueueSettings) -> dict[str, Any]:
    """As the API has them."""
    return {
        "delivery_delay": settings.delivery_delay_seconds,
        "delivery_paused": settings.delivery_paused,
        "message_retention_period": settings.retention_seconds,
    }


def show_consumer_settings(settings: ConsumerSettings, *, pulls: bool) -> dict[str, Any]:
    """As the API has them, for the consumer's type."""
    shown: dict[str, Any] = {
        "batch_size": settings.batch_size,
        "max_retries": settings.max_retries,
        "retry_delay": settings.retry_delay_seconds,
    }
    if pulls:
        return {**shown, "visibility_timeout_ms": settings.visibility_timeout_ms}
    return {
        **shown,
        "max_wait_time_ms": settings.max_wait_time_ms,
        "max_concurrency": settings.max_concurrency,
    }


def _settings(body: Mapping[str, Any], code: int) -> Mapping[str, Any]:
    given = body.get("settings") or {}
    if not isinstance(given, dict):
        raise Invalid(code, "settings has to be an object")
    return given


def _numbers(
    given: Mapping[str, Any], known: Mapping[str, tuple[str, int, int]], code: int
) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for name, (ours, lowest, highest) in known.items():
        value = given.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise Invalid(code, f"{name} has to be a number from {lowest} to {highest}, not {value!r}")
        numbers[ours] = int(value)
    return numbers
