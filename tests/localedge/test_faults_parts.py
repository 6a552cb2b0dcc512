"""Which path a write makes stale, and what is told of it until when."""

from __future__ import annotations

import pytest

from localedge.faults.answers import Answer
from localedge.faults.lag import Lag
from localedge.faults.paths import PathPattern


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/workers/scripts/*/deployments", "/workers/scripts/shop/deployments", True),
        ("/workers/scripts/*/deployments", "/workers/scripts/a/b/deployments", False),
        ("/workers/scripts/sh*", "/workers/scripts/shop", True),
        ("/storage/**", "/storage/kv/namespaces/n", True),
        ("/storage/**", "/storages", False),
        ("/a.b", "/axb", False),
    ],
)
def test_patterns(pattern: str, path: str, fits: bool) -> None:
    assert PathPattern(pattern).fits(path) is fits


@pytest.mark.parametrize(
    ("pattern", "written", "read"),
    [
        (
            "/workers/scripts/*/deployments",
            "/workers/scripts/shop/deployments",
            "/workers/scripts/shop/deployments",
        ),
        ("/workers/scripts/*/deployments", "/workers/scripts/shop", "/workers/scripts/shop/deployments"),
        (
            "/workers/scripts/*/deployments",
            "/workers/scripts/shop/secrets",
            "/workers/scripts/shop/deployments",
        ),
        ("/workers/scripts/*/deployments", "/storage/kv/namespaces", None),
        ("/workers/scripts/*/versions/*", "/workers/scripts/shop", None),
        ("/workers/scripts/shop/deployments", "/workers/scripts/shop", "/workers/scripts/shop/deployments"),
        ("/storage/**", "/storage/kv/namespaces/n/values/k", "/storage/kv/namespaces/n/values/k"),
        ("/storage/**", "/workers/scripts/shop", None),
        ("/workers/scripts/sh*/deployments", "/workers/scripts/other", None),
    ],
)
def test_what_a_write_makes_stale(pattern: str, written: str, read: str | None) -> None:
    assert PathPattern(pattern).read_after(written) == read


class Clock:
    """A clock that stands still."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def answer(text: str) -> Answer:
    return Answer(200, (), text.encode())


def test_a_read_tells_what_was_so_long_ago() -> None:
    clock = Clock()
    lag = Lag(clock)
    lag.wrote("/p", {"": answer("none"), "a=1": answer("none, a")}, 1000)
    clock.now = 0.5
    lag.wrote("/p", {"": answer("one")}, 1000)
    assert lag.past("/p", "") == answer("none")
    assert lag.past("/p", "a=1") == answer("none, a")
    assert lag.past("/q", "") is None
    clock.now = 1.2
    assert lag.past("/p", "") == answer("one")
    clock.now = 1.6
    assert lag.past("/p", "") is None


def test_what_is_remembered_is_bounded() -> None:
    lag = Lag(Clock())
    for number in range(1000):
        lag.note("/p", f"q={number}")
        lag.wrote(f"/{number}", {"": answer("x")}, 1000)
    assert len(lag.queries("/p")) <= 11
    assert lag.past("/999", "") == answer("x")
    assert lag.past("/0", "") is None
