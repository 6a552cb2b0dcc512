"""What becomes of a batch's messages: the decisions, without a Worker."""

from __future__ import annotations

import pytest

from localedge.queues.model import ConsumerSettings, Message
from localedge.queues.rules import settle, wait_seconds
from localedge.runtime import BatchResult

SETTINGS = ConsumerSettings(max_retries=2, retry_delay_seconds=9)


def message(name: str, attempts: int = 1) -> Message:
    return Message(place=ord(name), id=name, body=b"", content_type="text", sent_ms=0, attempts=attempts)


BATCH = (message("a"), message("b"), message("c"))


@pytest.mark.parametrize(
    ("result", "done", "again"),
    [
        (BatchResult("ok"), "abc", {}),
        (BatchResult("ok", ack_all=True), "abc", {}),
        (BatchResult("ok", retry_all=True), "", {"a": 9, "b": 9, "c": 9}),
        (BatchResult("ok", retry_all=True, retry_all_delay_seconds=0), "", {"a": 0, "b": 0, "c": 0}),
        (BatchResult("ok", retries={"b": 4, "c": None}), "a", {"b": 4, "c": 9}),
        (BatchResult("ok", acks=frozenset("a"), retry_all=True), "a", {"b": 9, "c": 9}),
        (BatchResult("ok", ack_all=True, retries={"a": 1}), "bc", {"a": 1}),
        (BatchResult("exception"), "", {"a": 9, "b": 9, "c": 9}),
        (BatchResult("exception", acks=frozenset("b"), retries={"c": 3}), "b", {"a": 9, "c": 3}),
        (BatchResult("exception", ack_all=True), "abc", {}),
        (BatchResult("exceededCpu"), "", {"a": 9, "b": 9, "c": 9}),
    ],
)
def test_settling(result: BatchResult, done: str, again: dict[str, int]) -> None:
    settled = settle(BATCH, result, SETTINGS)
    assert "".join(one.id for one in settled.done) == done
    assert {one.id: delay for one, delay in settled.again} == again
    assert settled.failed == ()


def test_a_message_fails_for_good_after_its_last_retry() -> None:
    batch = (message("a", attempts=2), message("b", attempts=3), message("c", attempts=3))
    settled = settle(batch, BatchResult("exception", acks=frozenset("c")), SETTINGS)
    assert [one.id for one, _ in settled.again] == ["a"]
    assert [one.id for one in settled.failed] == ["b"]
    assert [one.id for one in settled.done] == ["c"]


def test_a_batch_waits_until_it_is_full_or_its_time_is_up() -> None:
    settings = ConsumerSettings(batch_size=3, max_wait_time_ms=500)
    assert wait_seconds(3, 1000, settings, 1000) == 0
    assert wait_seconds(2, 1000, settings, 1200) == pytest.approx(0.3)
    assert wait_seconds(1, 1000, settings, 1500) == 0
