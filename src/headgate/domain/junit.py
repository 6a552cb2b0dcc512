"""Reading JUnit XML, as test runners of every language write it.

Tests are counted from the test cases themselves. What a suite says of itself is believed only where it is
worse: a suite that could not be loaded often has an error and no cases.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_TEXT_MAX = 200
_SUITES = ("testsuites", "testsuite")
_FAILED = ("failure", "error")
_NOT_RUN = ("notrun", "disabled", "skipped")


class NotJUnit(ValueError):
    """The text is not JUnit XML, or is XML that is not safe to read."""


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A test that failed: its name, the class or file it is in, and the first line of what it said."""

    name: str
    where: str
    message: str


@dataclass(slots=True)
class Results:
    """What one file, or several together, say. A failed test is counted once, however often it failed."""

    passed: int = 0
    skipped: int = 0
    failed: list[FailedTest] = field(default_factory=list)

    @property
    def tests(self) -> int:
        """All tests."""
        return self.passed + self.skipped + len(self.failed)

    def add(self, other: Results) -> None:
        """Count another file's results in."""
        self.passed += other.passed
        self.skipped += other.skipped
        self.failed += other.failed


@dataclass(slots=True)
class _Suite:
    """A suite that is being read. A case may have both a failure and an error, and suites count both."""

    name: str
    declared: int
    shown: int = 0


def read_junit(body: bytes) -> Results:
    """The results in a JUnit file. Raises NotJUnit; document types and entities are refused, not resolved."""
    from xml.etree.ElementTree import ParseError

    results, suites = Results(), list[_Suite]()
    try:
        for event, element in _elements(body):
            _take(event, element, results, suites)
    except (ParseError, LookupError, ValueError) as error:
        raise NotJUnit(str(error)) from error
    return results


def _elements(body: bytes) -> Iterator[tuple[str, Element]]:
    from defusedxml.ElementTree import iterparse

    elements = iter(iterparse(BytesIO(body), events=("start", "end"), forbid_dtd=True))
    event, root = next(elements)
    if _tag(root) not in _SUITES:
        raise NotJUnit(f"its outermost element is <{_tag(root)[:40]}>, not <testsuites> or <testsuite>")
    yield event, root
    yield from elements


def _take(event: str, element: Element, results: Results, suites: list[_Suite]) -> None:
    tag = _tag(element)
    if tag in _SUITES and event == "start":
        declared = _number(element, "failures") + _number(element, "errors")
        suites.append(_Suite(element.get("name", ""), declared))
    elif tag in _SUITES:
        _close_suite(element, results, suites)
        element.clear()
    elif tag == "testcase" and event == "end":
        _count_case(element, results, suites[-1])
        element.clear()


def _count_case(case: Element, results: Results, suite: _Suite) -> None:
    failures = [child for child in case if _tag(child) in _FAILED]
    if failures:
        suite.shown += len(failures)
        where = case.get("classname") or case.get("file") or suite.name
        results.failed.append(_failed(case.get("name", ""), where, _said(failures[0])))
    elif any(_tag(child) == "skipped" for child in case) or case.get("status") in _NOT_RUN:
        results.skipped += 1
    else:
        results.passed += 1


def _close_suite(element: Element, results: Results, suites: list[_Suite]) -> None:
    suite = suites.pop()
    own = [child for child in element if _tag(child) in _FAILED]
    suite.shown += len(own)
    results.failed += [_failed(suite.name, "", _said(failure)) for failure in own]
    if suite.declared > suite.shown:
        said = f"the suite counts {suite.declared} failures and errors, and its tests show {suite.shown}"
        results.failed.append(_failed(suite.name, "", said))
        suite.shown = suite.declared
    if suites:
        suites[-1].shown += suite.shown


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _number(element: Element, key: str) -> int:
    value = element.get(key, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _said(failure: Element) -> str:
    lines = (failure.get("message") or failure.text or failure.get("type") or "").strip().splitlines()
    return lines[0] if lines else ""


def _failed(name: str, where: str, message: str) -> FailedTest:
    return FailedTest(_one_line(name), _one_line(where), _one_line(message))


def _one_line(text: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text[: 2 * _TEXT_MAX]).strip()
    return plain if len(plain) <= _TEXT_MAX else plain[: _TEXT_MAX - 1] + "…"
