from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from tests.tools.odd_server import Received, Reply, answer, odd_server
from tools import load
from tools.load import Bounds, Counts, Load, VersionCounts

if TYPE_CHECKING:
    import pytest


def _run(port: int, bounds: Bounds) -> Counts:
    traffic = Load(port, "shop.localhost", bounds)
    traffic.start()
    return traffic.wait()


def test_it_ends_after_so_many_requests() -> None:
    with odd_server(lambda _: Reply(answer())) as server:
        counts = _run(server.port, Bounds(rate_per_s=2000, requests=200))
    assert (counts.sent, counts.answered, len(server.received)) == (200, 200, 200)


def test_it_ends_after_so_long_and_keeps_its_rate() -> None:
    with odd_server(lambda _: Reply(answer())) as server:
        counts = _run(server.port, Bounds(rate_per_s=100, seconds=0.5, visitors=4))
    assert 25 <= counts.sent <= 52
    assert counts.answered == counts.sent


def test_a_stop_sees_requests_under_way_to_their_end() -> None:
    under_way = threading.Event()

    def slow(_: Received) -> Reply:
        under_way.set()
        time.sleep(0.2)
        return Reply(answer())

    with odd_server(slow) as server:
        traffic = Load(server.port, "shop.localhost", Bounds(rate_per_s=500, visitors=3))
        traffic.start()
        assert under_way.wait(5)
        counts = traffic.stop()
    assert counts.sent == counts.answered == len(server.received) > 0
    assert not traffic.is_running


def test_what_each_version_answered_is_counted() -> None:
    with odd_server(
        lambda it: Reply(answer(500 if it.in_all == 1 else 200, "v1" if it.in_all <= 3 else "v2"))
    ) as server:
        counts = _run(server.port, Bounds(requests=5))
    by_version = {"v1": VersionCounts(3, errors=1), "v2": VersionCounts(2)}
    assert counts == Counts(sent=5, answered=5, worker_errors=1, by_version=by_version)


def test_an_error_of_a_version_is_an_answer_and_a_refusal_no_error() -> None:
    with odd_server(lambda it: Reply(answer(500 if it.in_all <= 2 else 404))) as server:
        counts = _run(server.port, Bounds(requests=5))
    assert (counts.answered, counts.worker_errors, counts.lost) == (5, 2, 0)


def test_an_answer_that_no_version_gave_is_lost() -> None:
    with odd_server(lambda it: Reply(answer((200, 404, 502)[it.in_all - 1], version=None))) as server:
        counts = _run(server.port, Bounds(requests=3))
    assert (counts.answered, counts.worker_errors, counts.lost) == (0, 0, 3)
    assert "status 502 from no version of the Worker" in "".join(counts.losses)


def test_no_answer_is_lost() -> None:
    with odd_server(lambda _: Reply(b"", then_hang_up=True)) as server:
        counts = _run(server.port, Bounds(requests=3))
    assert (counts.sent, counts.answered, counts.lost) == (3, 0, 3)


def test_reconnects_are_counted_apart() -> None:
    with odd_server(lambda _: Reply(answer(), then_hang_up=True)) as server:
        counts = _run(server.port, Bounds(rate_per_s=20, visitors=1, requests=3))
    assert (counts.answered, counts.lost) == (3, 0)
    assert counts.reconnects + counts.retries == 2


def test_only_the_first_losses_are_told() -> None:
    with odd_server(lambda _: Reply(answer(version=None))) as server:
        counts = _run(server.port, Bounds(requests=25))
    assert (counts.lost, len(counts.losses)) == (25, 20)


def test_a_snapshot_no_longer_changes() -> None:
    with odd_server(lambda _: Reply(answer())) as server:
        traffic = Load(server.port, "shop.localhost", Bounds(rate_per_s=50, visitors=1, requests=5))
        before = traffic.snapshot()
        traffic.start()
        assert traffic.wait().sent == 5
    assert before == Counts()


def test_the_command_tells_each_loss_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with odd_server(lambda it: Reply(answer(version=None if it.in_all == 1 else "v1"))) as server:
        command = f"load --port {server.port} --host shop.localhost --requests 20 --rate 1000"
        monkeypatch.setattr("sys.argv", command.split())
        assert load.main() == 1
    told = capsys.readouterr().out
    assert "In all: 20 requests sent, 1 lost, 0 errors of a version, 0 reconnects, 0 retries" in told
    assert "status 200 from no version of the Worker" in told
