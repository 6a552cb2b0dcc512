from __future__ import annotations

import pytest

from tests.tools.odd_server import Received, Reply, answer, odd_server
from tools.demo import traffic
from tools.demo.shell import DemoFailed
from tools.demo.traffic import Traffic
from tools.load import Bounds, Counts

BOUNDS = Bounds(rate_per_s=500, visitors=4)


def test_customers_come_when_the_shop_is_well_and_those_before_are_not_counted() -> None:
    def opens_at_third(it: Received) -> Reply:
        return Reply(answer(404, version=None) if it.in_all == 1 else answer(500 if it.in_all == 2 else 200))

    with odd_server(opens_at_third) as server, Traffic(server.port, BOUNDS) as customers:
        counts = customers.finish(at_least=50)
    assert counts.sent >= 50
    assert (counts.lost, len(server.received)) == (0, counts.sent + 3)


def test_a_shop_that_never_opens_has_no_customers_and_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "_MORE_FOR_AT_MOST_S", 0.2)
    with odd_server(lambda _: Reply(answer(404, version=None))) as server:
        with Traffic(server.port, BOUNDS) as customers, pytest.raises(DemoFailed, match="only 0 of 50"):
            customers.finish(at_least=50)
        assert customers.counts() == Counts()


def test_no_customer_is_left_when_the_demo_breaks_off() -> None:
    with odd_server(lambda _: Reply(answer())) as server, pytest.raises(KeyboardInterrupt):  # noqa: SIM117
        with Traffic(server.port, BOUNDS) as customers:
            raise KeyboardInterrupt
    counts = customers.counts()
    assert counts.sent == counts.answered
