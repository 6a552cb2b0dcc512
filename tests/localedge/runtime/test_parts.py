"""The parts that decide nothing about processes: configuration text, log files, sums of counters."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from localedge.runtime import capnp, logs
from localedge.runtime.capnp import Embed
from localedge.runtime.ledger import Ledger
from localedge.runtime.logs import LogFile


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ('a "b" \\ \n é', r'"a \x22b\x22 \x5c \x0a \xc3\xa9"'),
        (7, "7"),
        (True, "true"),
        (None, "void"),
        (Embed(Path("/a b/c.js")), 'embed "/a b/c.js"'),
        ([1, ["x"]], '[1, ["x"]]'),
        (
            {"name": "a", "worker": {"modules": [], "on": False}},
            '(name = "a", worker = (modules = [], on = false))',
        ),
    ],
)
def test_values_as_capnp_text(value: capnp.Value, text: str) -> None:
    assert capnp.text(value) == text


def test_a_log_tells_what_was_said_since_it_was_opened(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "logs" / "router.log")
    for words in (b"first run\n", b"second run\n"):
        descriptor = log.open()
        os.write(descriptor, words)
        os.close(descriptor)
    assert log.said() == "second run\n"
    assert (tmp_path / "logs" / "router.log").stat().st_mode & 0o077 == 0


def test_a_log_that_grows_while_it_is_written_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "BYTES_MAX", 100)
    log = LogFile(tmp_path / "a.log")
    descriptor = log.open()
    os.write(descriptor, b"x" * 150)
    log.bound()
    os.write(descriptor, b"after")
    os.close(descriptor)
    assert (tmp_path / "a.log").read_bytes() == b"after"
    assert (tmp_path / "a.log.1").read_bytes() == b"x" * 100
    assert log.said() == "after"


def test_only_the_newest_logs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILES_MAX", 2)
    for age, name in enumerate(("c", "b", "a")):
        (tmp_path / f"{name}.log").touch()
        os.utime(tmp_path / f"{name}.log", (1000 - age, 1000 - age))
    logs.forget_oldest(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.log", "c.log"]


def report(generation: int, requests: int) -> dict[str, Any]:
    counted = {
        "requests": requests,
        "exceptions": 1,
        "unanswered": 0,
        "disconnects": 1,
        "sumMs": 2.5,
        "statuses": {"200": requests - 1, "500": 1},
        "buckets": [requests, 0, 1],
    }
    return {"generation": generation, "versions": {"shop v1": counted}, "inflight": []}


def test_counters_go_on_when_the_router_begins_anew() -> None:
    ledger = Ledger((1, 2))
    for generation, requests in ((1, 3), (1, 5), (2, 1), (2, 4)):
        ledger.record(report(generation, requests))
    (counters,) = ledger.read({"v1": 6})
    assert (counters.script, counters.version_id, counters.inflight) == ("shop", "v1", 6)
    assert (counters.requests, counters.exceptions, counters.statuses) == (9, 2, {200: 7, 500: 2})
    assert (counters.latency.edges_ms, counters.latency.counts) == ((1, 2), (9, 9, 11))
    assert counters.latency.sum_ms == 5.0
