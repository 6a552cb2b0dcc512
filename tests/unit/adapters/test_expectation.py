from __future__ import annotations

import pytest

from headgate.adapters.probes.expectation import complaint, excerpt
from headgate.domain.settings import SmokeCheck

BODY = '{"ok": true, "n": 1, "half": 0.5, "items": [{"name": "tea"}, {"name": "ü"}], "none": null}'


def check(path: str = "", equals: object = None, **more: str) -> SmokeCheck:
    return SmokeCheck("c", json_path=path, json_equals=equals, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "equals"),
    [
        ("ok", True),
        ("n", 1),
        ("n", 1.0),
        ("half", 0.5),
        ("items.0.name", "tea"),
        ("items.1", {"name": "ü"}),
        ("items.1.name", "ü"),
        ("none", None),
        ("items", None),
    ],
)
def test_what_is_as_expected_has_no_complaint(path: str, equals: object) -> None:
    assert complaint(check(path, equals), 200, BODY) == ""


@pytest.mark.parametrize(
    ("path", "equals", "says"),
    [
        ("ok", 1, "expected ok to be 1; it is true"),
        ("n", True, "expected n to be true; it is 1"),
        ("n", "1", 'expected n to be "1"; it is 1'),
        ("items.2.name", "x", "expected '2' in items, and it is not there"),
        ("items.-1", "x", "expected '-1' in items"),
        ("items.name", "x", "expected 'name' in items"),
        ("gone", None, "expected 'gone' in the body"),
        ("n.deeper", 1, "expected 'deeper' in n"),
    ],
)
def test_what_is_not_is_told(path: str, equals: object, says: str) -> None:
    assert says in complaint(check(path, equals), 200, BODY)


def test_the_status_is_looked_at_first() -> None:
    told = complaint(check("ok", equals=True), 503, "over\n loaded")
    assert told == "expected status 200; the body is 'over loaded'"
    assert complaint(SmokeCheck("c", status=404), 404, "") == ""
    assert complaint(SmokeCheck("c"), 500, " \n") == "expected status 200; the body is empty"


def test_the_body_is_searched() -> None:
    assert complaint(check(body_contains="tea"), 200, BODY) == ""
    told = complaint(check(body_contains="coffee"), 200, BODY)
    assert told.startswith("expected the body to contain 'coffee'; the body is ")


def test_what_is_not_json_is_told() -> None:
    assert complaint(check("a"), 200, "<html>") == "expected JSON; the body is '<html>'"


def test_a_long_body_is_cut() -> None:
    told = complaint(SmokeCheck("c"), 500, "x" * 10_000_000)
    assert len(told) < 260
    assert len(excerpt("word " * 1000)) == 200
