"""Hands events that are no requests to the Worker of one version: a cron's time, a batch of a queue."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TIMEOUT_SECONDS = 15 * 60.0
"""The platform lets a consumer and a cron's handler run so long."""
CONNECT_SECONDS = 10.0


class EventBroken(Exception):
    """The version's process ended, or took too long, before it had answered."""


@dataclass(frozen=True, slots=True)
class EventMessage:
    """A message as the Worker gets it. `content_type` is `text`, `json`, `bytes` or `v8`."""

    id: str
    timestamp_ms: int
    attempts: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What the Worker made of a batch. `outcome` is `ok`, or why the handler failed.

    `retries` are message ids with the delay in seconds that the handler asked for, None for the queue's own.
    """

    outcome: str
    ack_all: bool = False
    retry_all: bool = False
    retry_all_delay_seconds: int | None = None
    acks: frozenset[str] = frozenset()
    retries: Mapping[str, int | None] = field(default_factory=dict)


class EventsDoor:
    """The entrance of one version. `EventBroken` when its process breaks off."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self.inflight = 0

    async def scheduled(self, cron: str, scheduled_ms: int) -> str:
        """Run `scheduled()`; the outcome, `ok` if it went well."""
        answer = await self._ask("/scheduled", {"cron": cron, "scheduled_ms": scheduled_ms})
        return str(answer["outcome"])

    async def deliver(
        self, queue: str, messages: Sequence[EventMessage], metrics: Mapping[str, int]
    ) -> BatchResult:
        """Run `queue()` with a batch. `metrics` tell of the queue's backlog."""
        event = {"queue": queue, "messages": [_told(message) for message in messages], "metrics": metrics}
        return _result(await self._ask("/queue", event))

    async def _ask(self, path: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        # The socket is a file of this user's own, so no certificates have to be loaded.
        transport = httpx2.AsyncHTTPTransport(uds=str(self._socket), verify=False)
        timeout = httpx2.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS)
        self.inflight += 1
        try:
            async with httpx2.AsyncClient(transport=transport, timeout=timeout) as client:
                response = await client.post(f"http://events{path}", json=event)
        except httpx2.TransportError as error:
            raise EventBroken(type(error).__name__) from error
        finally:
            self.inflight -= 1
        if response.is_error:
            raise EventBroken(f"the process answered {response.status_code}")
        answer: Mapping[str, Any] = response.json()
        return answer


def _told(message: EventMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "timestamp_ms": message.timestamp_ms,
        "attempts": message.attempts,
        "content_type": message.content_type,
        "body": base64.b64encode(message.body).decode(),
    }


def _result(answer: Mapping[str, Any]) -> BatchResult:
    batch = answer["retryBatch"]
    return BatchResult(
        outcome=str(answer["outcome"]),
        ack_all=bool(answer["ackAll"]),
        retry_all=bool(batch["retry"]),
        retry_all_delay_seconds=batch.get("delaySeconds"),
        acks=frozenset(answer["explicitAcks"]),
        retries={retry["msgId"]: retry.get("delaySeconds") for retry in answer["retryMessages"]},
    )
