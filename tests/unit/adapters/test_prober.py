from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headgate.adapters.http_client import HttpClient
from headgate.adapters.probes import SmokeProber
from headgate.domain.settings import SmokeCheck
from tests.fakes.raw_server import Visitor, answer, raw_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(name="http")
def a_client() -> Iterator[HttpClient]:
    with HttpClient(user_agent="headgate/test") as http:
        yield http


@pytest.fixture(name="prober")
def a_prober(tmp_path: Path, http: HttpClient) -> SmokeProber:
    return SmokeProber(tmp_path, http)


def test_a_check_sends_what_it_says_and_tells_what_came(prober: SmokeProber) -> None:
    seen: list[bytes] = []

    def worker(visitor: Visitor) -> None:
        seen.append(visitor.request())
        visitor.send(answer(201, b"done", x_localedge_version="v2"))

    check = SmokeCheck(
        "add", "/cart?x=1", "POST", {"x-user": "ann"}, body="ü", status=201, body_contains="done"
    )
    with raw_server(worker) as server:
        result = prober.run(check, f"{server.url}/", script="shop", version_id="v2")
    assert result.passed, result.what
    assert result.name == "add"
    assert result.what.startswith("POST /cart?x=1: 201 in ")
    assert result.seconds > 0
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /cart?x=1 HTTP/1.1\r\n")
    assert b'Cloudflare-Workers-Version-Overrides: shop="v2"' in head
    assert b"x-user: ann" in head
    assert body == "ü".encode()


def test_without_a_version_none_is_asked_for(prober: SmokeProber) -> None:
    seen: list[bytes] = []

    def worker(visitor: Visitor) -> None:
        seen.append(visitor.request())
        visitor.send(answer(x_localedge_version="v1"))

    with raw_server(worker) as server:
        assert prober.run(SmokeCheck("c"), server.url, script="shop").passed
    assert b"Overrides" not in seen[0]


def test_an_answer_of_another_version_does_not_pass(prober: SmokeProber) -> None:
    def old_version(visitor: Visitor) -> None:
        visitor.request()
        visitor.send(answer(x_localedge_version="v1"))

    with raw_server(old_version) as server:
        result = prober.run(SmokeCheck("c"), server.url, script="shop", version_id="v2")
    assert not result.passed
    assert result.what.endswith("expected version v2 to answer; version v1 did")


def test_an_answer_that_is_not_as_expected_does_not_pass(prober: SmokeProber) -> None:
    def moved(visitor: Visitor) -> None:
        visitor.request()
        visitor.send(answer(302, b"moved", Location="/elsewhere"))

    with raw_server(moved) as server:
        result = prober.run(SmokeCheck("c", "/x"), server.url, script="shop")
    assert not result.passed
    assert result.what.startswith("GET /x: 302 in ")
    assert result.what.endswith(" ms, expected status 200; the body is 'moved'")


def test_no_answer_does_not_pass(prober: SmokeProber) -> None:
    with raw_server(Visitor.hang) as server:
        slow = prober.run(SmokeCheck("c", timeout_seconds=0.2), server.url, script="shop")
    gone = prober.run(SmokeCheck("c"), server.url, script="shop")
    assert (slow.passed, gone.passed) == (False, False)
    assert slow.what == f"GET /: No answer within 0.2 s ({server.url}/)"
    assert "Nothing listens" in gone.what
    assert 0.2 <= slow.seconds < 3


def command(text: str, **more: float) -> SmokeCheck:
    return SmokeCheck("script", command=("sh", "-c", text), **more)  # type: ignore[arg-type]


def test_a_command_is_told_what_to_look_at(
    prober: SmokeProber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "hush")
    monkeypatch.setenv("OF_THEIR_OWN", "kept")
    result = prober.run(command("env > told; pwd >> told"), "http://here", script="shop", version_id="v2")
    assert result.passed, result.what
    told = (tmp_path / "told").read_text().splitlines()
    assert "HEADGATE_URL=http://here" in told
    assert "HEADGATE_SCRIPT=shop" in told
    assert "HEADGATE_VERSION_ID=v2" in told
    assert 'HEADGATE_VERSION_OVERRIDE=shop="v2"' in told
    assert "OF_THEIR_OWN=kept" in told
    assert str(tmp_path) in told
    assert not any("hush" in line for line in told)


def test_a_command_that_fails_is_quoted(prober: SmokeProber) -> None:
    result = prober.run(command("echo one; echo two >&2; exit 7"), "http://here", script="shop")
    assert not result.passed
    assert "exit code 7 in" in result.what
    assert result.what.endswith("its last line is 'two'")


def test_a_command_that_does_not_end_is_ended(prober: SmokeProber) -> None:
    result = prober.run(command("sleep 60", timeout_seconds=0.3), "http://here", script="shop")
    assert not result.passed
    assert result.what.endswith("still ran after 0.3 s, it said nothing")
    assert result.seconds < 5


def test_a_command_that_is_not_there_is_told(prober: SmokeProber) -> None:
    result = prober.run(SmokeCheck("c", command=("./nothing", "x")), "http://here", script="shop")
    assert not result.passed
    assert result.what == "./nothing x: cannot be started: No such file or directory"
