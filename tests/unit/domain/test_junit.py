"""Reading JUnit XML."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.domain.junit import FailedTest, NotJUnit, read_junit

INSIDE = {
    "passed": "",
    "skipped": "<skipped/>",
    "failed": "<failure/>",
    "error": "<error/>",
    "both": "<failure/><error/>",
}


@dataclass(frozen=True)
class Suite:
    cases: tuple[str, ...]
    inner: tuple[Suite, ...]

    def all_cases(self) -> list[str]:
        return [*self.cases, *(case for suite in self.inner for case in suite.all_cases())]

    def xml(self) -> str:
        cases = "".join(f"<testcase name={quoteattr(case)}>{INSIDE[case]}</testcase>" for case in self.cases)
        failures = sum(case in ("failed", "both") for case in self.all_cases())
        errors = sum(case in ("error", "both") for case in self.all_cases())
        inner = "".join(suite.xml() for suite in self.inner)
        return f'<testsuite name="s" failures="{failures}" errors="{errors}">{cases}{inner}</testsuite>'


cases = st.lists(st.sampled_from(sorted(INSIDE)), max_size=8).map(tuple)
suites = st.recursive(
    st.builds(Suite, cases, st.just(())),
    lambda inner: st.builds(Suite, cases, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=8,
)


@given(suites)
def test_every_case_is_counted_once_however_suites_are_nested(suite: Suite) -> None:
    found = suite.all_cases()

    results = read_junit(f"<testsuites>{suite.xml()}</testsuites>".encode())

    assert results.passed == found.count("passed")
    assert results.skipped == found.count("skipped")
    assert len(results.failed) == sum(case in ("failed", "error", "both") for case in found)
    assert results.tests == len(found)


def test_a_suite_that_counts_a_failure_its_cases_do_not_show_has_failed() -> None:
    results = read_junit(b'<testsuite name="cart" errors="1"><testcase name="a"/></testsuite>')

    assert results.failed == [
        FailedTest("cart", "", "the suite counts 1 failures and errors, and its tests show 0")
    ]


def test_such_a_suite_is_told_once_though_the_suites_around_it_count_it_too() -> None:
    results = read_junit(b'<testsuites errors="1"><testsuite name="cart" errors="1"/></testsuites>')

    assert [test.name for test in results.failed] == ["cart"]


def test_an_error_of_the_suite_itself_is_a_failure() -> None:
    results = read_junit(b'<testsuite name="cart"><error message="no such module"/></testsuite>')

    assert results.failed == [FailedTest("cart", "", "no such module")]


@pytest.mark.parametrize("status", ["notrun", "disabled"])
def test_a_case_that_was_not_run_is_skipped(status: str) -> None:
    assert read_junit(f'<testsuite><testcase status="{status}"/></testsuite>'.encode()).skipped == 1


def test_namespaces_do_not_matter() -> None:
    body = b'<j:testsuite xmlns:j="urn:x"><j:testcase><j:failure/></j:testcase></j:testsuite>'

    assert len(read_junit(body).failed) == 1


def test_what_a_test_said_is_one_short_line_without_control_characters() -> None:
    said = "\x1b[31mexpected\x1b[0m 1\nsecond line" + "x" * 1000
    body = f'<testsuite><testcase name="a"><failure>{said}</failure></testcase></testsuite>'.replace(
        "\x1b", "&#9;"
    )

    message = read_junit(body.encode()).failed[0].message

    assert message.startswith("[31mexpected")
    assert "second" not in message
    assert message.isprintable()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<html/>",
        b"<testsuites>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="none-such"?><testsuites/>',
        b'<!DOCTYPE t SYSTEM "http://127.0.0.1/x"><testsuites/>',
        b'<!DOCTYPE t [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><testsuites name="&c;"/>',
    ],
)
def test_what_is_not_junit_is_refused(body: bytes) -> None:
    with pytest.raises(NotJUnit):
        read_junit(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(NotJUnit):
        read_junit(body)
