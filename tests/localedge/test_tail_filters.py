"""The filters of `wrangler tail`."""

from __future__ import annotations

from typing import Any

import pytest

from localedge.tail_filters import wanted

EVENT = {
    "outcome": "exception",
    "scriptVersion": {"id": "v1"},
    "logs": [{"message": ["order 17 failed"], "level": "error"}],
    "event": {"request": {"method": "POST", "headers": {"X-Team": "shop", "cf-connecting-ip": "10.0.0.1"}}},
}


@pytest.mark.parametrize(
    ("one", "passes"),
    [
        ({"outcome": ["exception", "canceled"]}, True),
        ({"outcome": ["ok"]}, False),
        ({"method": ["POST"]}, True),
        ({"method": ["GET"]}, False),
        ({"header": {"key": "x-team"}}, True),
        ({"header": {"key": "x-team", "query": "shop"}}, True),
        ({"header": {"key": "x-team", "query": "billing"}}, False),
        ({"header": {"key": "x-other"}}, False),
        ({"client_ip": ["10.0.0.1"]}, True),
        ({"client_ip": ["10.0.0.2"]}, False),
        ({"client_ip": ["self"]}, False),
        ({"scriptVersion": "v1"}, True),
        ({"scriptVersion": "v2"}, False),
        ({"query": "order 17"}, True),
        ({"query": "order 18"}, False),
        ({"sampling_rate": 0.5}, True),
        ({"sampling_rate": 0.1}, False),
        ({"something_new": 1}, True),
    ],
)
def test_each_filter(one: dict[str, Any], passes: bool) -> None:
    assert wanted(EVENT, [one], 0.3) is passes


def test_all_filters_have_to_agree_and_none_lets_all_through() -> None:
    assert wanted(EVENT, [], 0.3)
    assert not wanted(EVENT, [{"method": ["POST"]}, {"outcome": ["ok"]}], 0.3)


def test_an_event_without_a_request_passes_no_filter_on_requests() -> None:
    assert not wanted({"outcome": "ok", "event": None}, [{"method": ["GET"]}], 0.3)


def test_self_is_whoever_comes_from_this_machine() -> None:
    request = {"method": "GET", "headers": {"cf-connecting-ip": "127.0.0.1"}}
    assert wanted({"event": {"request": request}}, [{"client_ip": ["self"]}], 0.3)
