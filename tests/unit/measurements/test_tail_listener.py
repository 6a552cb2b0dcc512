"""Listening to a live tail, against a websocket server that ends connections, and an API that refuses."""

from __future__ import annotations

import json
import queue
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from headgate.adapters.clock import SystemClock
from headgate.adapters.measurements.cloudflare_tail import CloudflareTail
from headgate.domain.errors import HeadgateError, PlatformRefused
from headgate.domain.rollout.reading import Reading, history_of
from tests.unit.measurements.test_tail_counts import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headgate.adapters.cloudflare.client import ApiCall

SECRET = "hidden-4711"
PATIENCE_SECONDS = 20.0


class Tails:
    """The API's tails, and the websocket that they are heard at."""

    def __init__(self) -> None:
        self.events: queue.Queue[str | None] = queue.Queue()
        self.ended: list[str] = []
        self.refuse = False
        self.port = 0

    def serve(self, socket: ServerConnection) -> None:
        """Send what there is; None ends the connection."""
        socket.recv(timeout=PATIENCE_SECONDS)
        while (message := self.events.get(timeout=PATIENCE_SECONDS)) is not None:
            socket.send(message.encode())

    def read(self, call: ApiCall, reader: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - as the client has it
        assert (call.method, call.path) == ("POST", "/accounts/{account}/workers/scripts/shop/tails")
        if self.refuse:
            raise PlatformRefused("The platform does not accept the API token for this")
        url = f"ws://127.0.0.1:{self.port}/{SECRET}"
        return reader({"id": SECRET, "url": url, "expires_at": "2999-01-01T00:00:00Z"})

    def call(self, call: ApiCall) -> None:
        self.ended.append(call.path)

    def tell(self, *statuses: int, version: str = "v1") -> None:
        for status in statuses:
            self.events.put(json.dumps(event(status=status, version=version)))


@pytest.fixture(name="tails")
def a_server() -> Iterator[Tails]:
    tails = Tails()
    with serve(tails.serve, "127.0.0.1", 0, subprotocols=[Subprotocol("trace-v1")]) as server:
        tails.port = _port(server)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield tails
        tails.events.put(None)


@pytest.fixture(name="source")
def a_source(tails: Tails) -> Iterator[CloudflareTail]:
    with ExitStack() as closing:
        source = CloudflareTail(tails, SystemClock(), delay_seconds=0.0)  # type: ignore[arg-type]
        closing.callback(source.close)
        closing.callback(tails.events.put, None)
        yield source


def _port(server: Server) -> int:
    port: int = server.socket.getsockname()[1]
    return port


def until(source: CloudflareTail, mark: Any, requests: int) -> Reading:  # noqa: ANN401 - a mark is JSON
    """The first reading with so many requests."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    said = ""
    while time.monotonic() < deadline:
        try:
            reading = source.since("shop", mark)
        except HeadgateError as error:
            said = str(error)
        else:
            if reading.counters["v1"].requests >= requests:
                return reading
        threading.Event().wait(0.02)
    pytest.fail(f"never heard of {requests} requests: {said}")


def test_a_lost_connection_begins_another_epoch_that_counts_from_zero(
    tails: Tails, source: CloudflareTail
) -> None:
    mark = source.begin("shop", ("v1", ""))
    tails.tell(200, 500)
    first = until(source, mark, 2)
    tails.events.put(None)
    tails.tell(200)
    second = until(source, mark, 1)
    while second.epoch == first.epoch:
        second = until(source, mark, 1)

    assert (first.counters["v1"].requests, first.counters["v1"].errors) == (2, 1)
    assert (second.counters["v1"].requests, second.counters["v1"].errors) == (1, 0)
    assert tails.ended[0].endswith(f"/tails/{SECRET}")


def test_a_mark_that_is_made_while_it_listens_counts_from_there(tails: Tails, source: CloudflareTail) -> None:
    source.listen("shop")
    before = source.begin("shop", ("v1",))
    tails.tell(200, 500)
    until(source, before, 2)
    mark = json.loads(json.dumps(source.begin("shop", ("v1",))))
    tails.tell(200)
    until(source, before, 3)

    reading = source.since("shop", mark)

    assert (reading.counters["v1"].requests, reading.counters["v1"].errors) == (1, 0)
    assert reading.epoch == mark["epoch"]
    assert history_of(mark) == ()  # not ten seconds old


def test_while_it_does_not_listen_nothing_is_known_and_the_reason_is_told(
    tails: Tails, source: CloudflareTail
) -> None:
    tails.refuse = True
    mark = source.begin("shop", ("v1",))
    with pytest.raises(HeadgateError, match="not connected"):
        source.since("shop", mark)
    with pytest.raises(HeadgateError, match="does not accept the API token"):
        source.check("shop")


def test_the_address_of_a_session_is_told_to_nobody(tails: Tails, source: CloudflareTail) -> None:
    tails.port = 9
    mark = source.begin("shop", ("v1",))
    with pytest.raises(HeadgateError) as raised:
        source.check("shop")
    assert "ConnectionRefusedError" in str(raised.value)
    assert SECRET not in f"{raised.value} {mark}"
