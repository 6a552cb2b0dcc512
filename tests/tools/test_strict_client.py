from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.tools.odd_server import Received, Reply, answer, odd_server
from tools.shopper import Request
from tools.strict_client import Answer, Outcome, StrictClient

if TYPE_CHECKING:
    from collections.abc import Iterator

GET = Request("/")
POST = Request("/api/cart/one", "POST", b"{}")
ANSWERED = Outcome(Answer(200, "v1", None))
SILENCE = Reply(b"", then_hang_up=True)


@contextmanager
def client_of(port: int, timeout_s: float = 5) -> Iterator[StrictClient]:
    client = StrictClient(port, "shop.localhost", timeout_s)
    yield client
    client.close()


def test_requests_go_over_one_connection() -> None:
    with odd_server(lambda _: Reply(answer())) as server, client_of(server.port) as client:
        assert [client.send(it) for it in (GET, POST, GET)] == [ANSWERED] * 3
    assert [it.on_connection for it in server.received] == [1, 2, 3]


def test_no_answer_on_a_new_connection_is_lost_at_once() -> None:
    with odd_server(lambda _: SILENCE) as server, client_of(server.port) as client:
        assert client.send(GET) == Outcome(loss="closed before the first byte of an answer")
    assert len(server.received) == 1


def test_a_server_that_is_not_there_is_a_loss() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with client_of(port) as client:
        outcome = client.send(GET)
    assert outcome.answer is None
    assert "refused" in outcome.loss


def test_a_connection_closed_while_idle_is_opened_again_before_anything_is_sent() -> None:
    with odd_server(lambda _: Reply(answer(), then_hang_up=True)) as server, client_of(server.port) as client:
        client.send(GET)
        time.sleep(0.1)
        outcome = client.send(POST)
    assert outcome == Outcome(ANSWERED.answer, reconnected=True)


def _silent_on_second(it: Received) -> Reply:
    return SILENCE if it.on_connection == 2 else Reply(answer())


def test_a_get_that_a_kept_connection_dropped_is_sent_once_more() -> None:
    with odd_server(_silent_on_second) as server, client_of(server.port) as client:
        client.send(GET)
        assert client.send(GET) == Outcome(ANSWERED.answer, retried=True)
    assert len(server.received) == 3


def test_a_post_that_a_kept_connection_dropped_is_lost() -> None:
    with odd_server(_silent_on_second) as server, client_of(server.port) as client:
        client.send(POST)
        assert client.send(POST) == Outcome(loss="closed before the first byte of an answer")
    assert len(server.received) == 2


def test_a_get_is_sent_only_once_more() -> None:
    def silent_after_first(it: Received) -> Reply:
        return Reply(answer()) if it.in_all == 1 else SILENCE

    with odd_server(silent_after_first) as server, client_of(server.port) as client:
        client.send(GET)
        outcome = client.send(GET)
    assert outcome == Outcome(loss="closed before the first byte of an answer", retried=True)
    assert len(server.received) == 3


@pytest.mark.parametrize(
    "half",
    [
        pytest.param(answer(body=b"{", length=9), id="body"),
        pytest.param(b"HTTP/1.1 200 So\r\nx-localedge-version: v1\r\nContent-Len", id="header"),
        pytest.param(b"HT", id="first line"),
        pytest.param(b"nonsense\r\n\r\n", id="not HTTP"),
    ],
)
def test_half_an_answer_is_lost_and_not_asked_for_again(half: bytes) -> None:
    def half_on_second(it: Received) -> Reply:
        return Reply(answer()) if it.in_all == 1 else Reply(half, then_hang_up=True)

    with odd_server(half_on_second) as server, client_of(server.port) as client:
        client.send(GET)
        outcome = client.send(GET)
    assert outcome.loss.startswith("half an answer")
    assert len(server.received) == 2


def test_an_answer_that_comes_too_late_is_lost_and_not_taken_for_the_next() -> None:
    release = threading.Event()

    def late_at_first(it: Received) -> Reply:
        if it.in_all == 1:
            release.wait(5)
        return Reply(answer(version="late" if it.in_all == 1 else "v1"))

    with odd_server(late_at_first) as server, client_of(server.port, timeout_s=0.1) as client:
        assert client.send(GET) == Outcome(loss="no answer in time")
        release.set()
        assert client.send(GET) == ANSWERED
