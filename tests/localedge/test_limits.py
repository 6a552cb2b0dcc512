"""The limit of calls: counted exactly, told in headers, refused for as long as a window lasts."""

from __future__ import annotations

import pytest

from localedge.access.limit import Quota, RateLimit
from localedge.errors import Throttled


class Clock:
    """A clock that stands still."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_calls_and_no_more() -> None:
    clock = Clock()
    limit = RateLimit(Quota(3, 300), clock)
    for left in (2, 1, 0):
        limit.take()
        assert limit.headers() == {
            "ratelimit": f'"default";r={left};t=300',
            "ratelimit-policy": '"default";q=3;w=300',
        }
    clock.now = 299.5
    with pytest.raises(Throttled) as refused:
        limit.take()
    # Who goes over it waits for a whole window from then on.
    assert refused.value.headers == {"retry-after": "300"}
    assert "More than 3 requests per 300 seconds" in refused.value.message
    clock.now = 500
    with pytest.raises(Throttled) as again:
        limit.take()
    assert again.value.headers == {"retry-after": "100"}
    clock.now = 599.5
    limit.take()
    assert limit.headers()["ratelimit"] == '"default";r=2;t=300'


def test_a_new_window_begins_when_the_last_is_over() -> None:
    clock = Clock()
    limit = RateLimit(Quota(2, 10), clock)
    for begin in (0, 10, 25):
        clock.now = begin
        limit.take()
        limit.take()


def test_without_a_quota_nothing_is_counted() -> None:
    limit = RateLimit()
    for _ in range(2000):
        limit.take()
    assert limit.headers() == {}
