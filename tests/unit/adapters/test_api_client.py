"""The envelope, the errors for people, and when a call is repeated."""

from __future__ import annotations

import pytest

from headgate.adapters.cloudflare.client import ApiCall
from headgate.domain.errors import (
    PlatformError,
    PlatformRefused,
    PlatformUnreachable,
    ScriptDoesNotStart,
)
from tests.fakes.raw_server import answer
from tests.unit.adapters.scripted_api import ACCOUNT, HANG_UP, TOKEN, done, refused, scripted_api

GET = ApiCall("GET", "/accounts/{account}/things", {"page": 2})
POST = ApiCall("POST", "/accounts/{account}/things", body=b'{"a": 1}')


def test_a_call_gives_the_result_and_is_noted_without_the_token() -> None:
    with scripted_api(done([1, 2])) as scripted:
        assert scripted.api.call(GET) == [1, 2]
    assert scripted.asked == [f"GET /accounts/{ACCOUNT}/things?page=2"]
    assert f"Authorization: Bearer {TOKEN}".encode() in scripted.requests[0]
    (line,) = scripted.log.take()
    assert line.startswith("GET /accounts/0123…/things?page=2 200 (")
    assert line.endswith(" ms)")


@pytest.mark.parametrize(
    ("status", "code", "kind", "says"),
    [
        (401, 1000, PlatformRefused, "token in the test"),
        (403, 10000, PlatformRefused, "scopes"),
        (403, 9109, PlatformRefused, "scopes"),
        (400, 6003, PlatformRefused, "scopes"),
        (400, 10021, ScriptDoesNotStart, "could not start the script"),
        (400, 10220, PlatformError, "told twice"),
        (404, 7003, PlatformError, "account_id"),
        (400, 12345, PlatformError, "HTTP 400"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, code: int, kind: type[PlatformError], says: str) -> None:
    answers = refused(status, code, "the platform's own words")
    with scripted_api(answers) as scripted, pytest.raises(PlatformError) as caught:
        scripted.api.call(GET)
    error = caught.value
    assert type(error) is kind
    assert says in str(error)
    assert f"the platform's own words [code {code}]" in error.what
    assert (error.status, error.code) == (status, code)
    assert error.where == "GET /accounts/0123…/things?page=2"
    assert len(scripted.requests) == 1
    assert scripted.clock.slept == []


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"[]", b'{"result": 1}', b"\xff\xfe"])
def test_an_answer_outside_the_envelope_is_an_error(body: bytes) -> None:
    with scripted_api(answer(200, body)) as scripted, pytest.raises(PlatformError):
        scripted.api.call(GET)


def test_what_is_missing_is_none_and_a_wrong_address_is_not() -> None:
    with scripted_api(refused(404, 10007), refused(404, 7003), answer(404, b"nginx")) as scripted:
        assert scripted.api.read_or_none(GET, str) is None
        for _ in range(2):
            with pytest.raises(PlatformError):
                scripted.api.read_or_none(GET, str)


@pytest.mark.parametrize("trouble", [refused(500, 10002), answer(502, b"<html>"), HANG_UP])
def test_reading_is_repeated_after_trouble(trouble: bytes) -> None:
    with scripted_api(trouble, trouble, done("at last")) as scripted:
        assert scripted.api.call(GET) == "at last"
    assert scripted.clock.slept == [0.2, 0.8]
    assert len(scripted.log.take()) == 3


@pytest.mark.parametrize("trouble", [refused(500, 10002), HANG_UP])
def test_reading_is_not_repeated_for_ever(trouble: bytes) -> None:
    with scripted_api(*[trouble] * 9) as scripted, pytest.raises(PlatformError):
        scripted.api.call(GET)
    assert len(scripted.requests) == 3


@pytest.mark.parametrize("trouble", [refused(500, 10002), HANG_UP])
def test_what_may_have_had_an_effect_is_not_repeated(trouble: bytes) -> None:
    with scripted_api(trouble, done()) as scripted, pytest.raises(PlatformError):
        scripted.api.call(POST)
    assert len(scripted.requests) == 1
    assert scripted.clock.slept == []


def test_being_asked_to_slow_down_is_heard() -> None:
    with scripted_api(refused(429, 10429, Retry_After="7"), refused(429, 971), done("ok")) as scripted:
        assert scripted.api.call(POST) == "ok"
    assert scripted.clock.slept == [7.0, 0.8]


@pytest.mark.parametrize("asked", ["31", "3600"])
def test_a_wait_that_is_too_long_is_told_instead(asked: str) -> None:
    answers = refused(429, 10429, Retry_After=asked)
    with scripted_api(answers) as scripted, pytest.raises(PlatformError, match="slow down"):
        scripted.api.call(GET)
    assert scripted.clock.slept == []


def test_what_never_arrived_is_repeated_and_then_told_with_the_remedy() -> None:
    with scripted_api() as scripted:
        pass
    with pytest.raises(PlatformUnreachable) as caught:
        scripted.api.call(POST)
    assert "Nothing listens" in caught.value.what
    assert caught.value.remedy == "Switch it on."
    assert scripted.clock.slept == [0.2, 0.8]
    assert scripted.log.take() == ["POST /accounts/0123…/things no answer"] * 3


def test_the_token_is_in_no_text() -> None:
    with scripted_api(refused(401, 1000)) as scripted:
        with pytest.raises(PlatformRefused) as caught:
            scripted.api.call(GET)
        assert TOKEN not in f"{caught.value} {scripted.access!r} {scripted.log.take()}"
