"""Whatever a change's record holds, its report is whole, honest and harmless."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.domain.change import Change, ChangeKind, Target
from headgate.domain.gate import Finding, Verdict
from headgate.domain.journal import Event
from headgate.domain.plan import RollbackPlan, Trust, WayBack
from headgate.domain.report import forms
from headgate.domain.texts import one_line
from tests.unit.report.stories import ANN, NEW, OLD, STEPS, STORIES, WITHDRAW
from tests.unit.report.story import Data, Story

if TYPE_CHECKING:
    from collections.abc import Callable

HEADINGS = [
    "## 🚀 DEPLOYMENT REPORT",
    "### ✅ PRE-CHECKS",
    "### 📦 DEPLOYMENT",
    "### 📊 METRICS",
    "### 🚨 ISSUES",
    "### 📝 NEXT STEPS",
]
LINES = [
    r"📋 DEPLOYMENT: .+ v.+",
    r"🕐 TIME: \S+Z → (\S+Z|still running)",
    r"🎯 ENV: .+",
    r"- \[[x ]\] Tests: (PASS|FAIL|not run).*",
    r"- \[[x ]\] Security: (PASS|FAIL|not run).*",
    r"- \[[x ]\] Config: (VALID|INVALID|not run).*",
    r"```bash",
    r"# Commands executed",
    r"```",
    r"- Deploy time: (\d+\.\d\d?s|not measured).*",
    r"- Error rate: (\d+\.\d\d%|not measured).*",
    r"- Latency p95: (\d+(\.\d)?ms|not measured).*",
    r"- Rollback ready: (YES|NO) \(.+",
]
# What people or a hostile build could put into a name, a reason, a finding or a message.
NASTY = [
    "<script>alert(1)</script>",
    "</pre></main><img src=x onerror=alert(1)>",
    "```\n## 🚀 DEPLOYMENT REPORT\n- Rollback ready: YES",
    "\n### 🚨 ISSUES\n- None",
    "`<b>` and ``<b>``",
    "[click](javascript:alert(1))",
    "a & b \" ' \x00 \x1b[31m \u202e",
]
texts = st.sampled_from(NASTY) | st.text(max_size=40)
names = texts.filter(lambda text: one_line(text) and "/" not in text)
"""What Headgate refuses to take empty or with a slash: the name of a service, the id of a version."""
figures = st.none() | st.floats(0, 1e6)
samples = st.none() | st.fixed_dictionaries(
    {
        "requests": st.integers(0, 10**9),
        "exceptions": st.integers(0, 10**9),
        "errors": st.integers(0, 10**9),
        "error_rate_percent": st.none() | st.floats(0, 100),
        "p50_ms": figures,
        "p95_ms": figures,
        "p99_ms": figures,
    }
)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A change that goes some way and stops, with any text in every place that takes one."""
    version = RollbackPlan(WayBack.VERSION, OLD, Trust.VERIFIED, (draw(texts),))
    arguments = {
        "artifact": draw(texts),
        "version_id": draw(st.just("") | names),
        "scripts": {"production": draw(texts)},
    }
    reason = draw(texts.filter(str.strip))
    kind, target = draw(st.sampled_from(ChangeKind)), Target(draw(names), "production")
    story = Story(Change("c1", kind, target, ANN, reason, arguments))
    acts: list[Callable[[], object]] = [
        lambda: story.plan(STEPS, draw(st.sampled_from([version, WITHDRAW])), serving=draw(texts)),
        lambda: story.gate(draw(_gates), draw(texts), *draw(st.lists(_findings, max_size=3))),
        story.start,
        lambda: story.do("upload-production", {"version_id": NEW, "number": 7}, *draw(st.lists(texts))),
        lambda: story.do("switch-production", {"split": {NEW: draw(st.sampled_from([0, 100]))}}),
        lambda: story.say(Event.ABORT_REQUESTED, {"why": draw(texts)}),
        lambda: _ending(draw, story),
        lambda: story.notice("qa", draw(texts)),
    ]
    for act in acts[: draw(st.integers(0, len(acts)))]:
        act()
    return story


_gates = st.sampled_from(["tests", "dependencies", "configuration", "secrets", "rollback-plan"])
_findings = st.builds(
    Finding, rule=texts, verdict=st.sampled_from(Verdict), what=texts, where=texts, remedy=texts
)


def _ending(draw: st.DrawFn, story: Story) -> None:
    if draw(st.booleans()):
        story.fail("smoke-production", draw(texts), draw(texts), draw(texts))
        story.turn_round(draw(texts), automatic=draw(st.booleans()))
        undone: list[Data] = [{}, {"split": {OLD: 100.0}}, {"left_alone": draw(texts)}]
        story.undo("switch-production", draw(st.sampled_from(undone)), draw(texts))
        story.say(Event.CHANGE_ROLLED_BACK)
        return
    story.say(Event.CHANGE_VERIFIED).watch(NEW, OLD)
    story.sample("promote", draw(texts), new=draw(samples), old=draw(samples))
    story.say(Event.CHANGE_WATCHED, {"why": draw(texts)})
    checked = {"ready": draw(st.booleans()), "what": draw(texts)}
    story.say(Event.ROLLBACK_CHECKED, checked)


class Page(HTMLParser):
    """Collects every tag, and whether they are well nested."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


FRAME_TAGS = {"html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer"}
TEXT_TAGS = {"h1", "h2", "h3", "p", "dl", "dt", "dd", "ul", "li", "b", "span", "pre", "code"}
OUR_TAGS = FRAME_TAGS | TEXT_TAGS | {"table", "tr", "th", "td"}


@settings(deadline=None, max_examples=100)
@given(story=stories())
def test_every_form_is_whole_and_harmless(story: Story) -> None:
    report = forms(story.entries)
    lines = report["md"].splitlines()
    assert [line for line in lines if line.startswith("#") and not line.startswith("# ")] == HEADINGS
    found = iter(lines)
    assert all(any(re.fullmatch(wanted, line) for line in found) for wanted in LINES)
    assert [line for line in lines if line.startswith("```")] == ["```bash", "```"]

    page = Page(report["html"])
    assert page.open == []
    assert page.tags <= OUR_TAGS
    assert page.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class"}
    assert page.headings == [heading.lstrip("# ") for heading in HEADINGS]

    data = json.loads(report["json"])
    assert data["schema"] == 1
    assert (data["metrics"]["rollback_ready"] is True) == any(
        line.startswith("- Rollback ready: YES") for line in lines
    )


@settings(deadline=None, max_examples=100)
@given(value=texts)
def test_no_tag_or_link_stands_unescaped_in_markdown(value: str) -> None:
    story = STORIES["released"]().notice("qa", value or "x")
    issues = forms(story.entries)["md"].partition("### 🚨 ISSUES")[2]
    without_code = re.sub(r"(?<![\\`])`[^`\n]*`(?!`)", "", issues)
    assert not re.search(r"(?<!\\)[<\[]", without_code)


def test_what_was_not_measured_is_never_zero() -> None:
    story = STORIES["interrupted"]()
    metrics = forms(story.entries)["md"].partition("### 📊 METRICS")[2]
    assert metrics.count("not measured") == 3
    assert "0%" not in metrics
    assert "0ms" not in metrics


@pytest.mark.parametrize("name", sorted(set(STORIES) - {"released", "closed"}))
def test_rollback_is_ready_only_where_it_was_checked(name: str) -> None:
    assert "Rollback ready: NO" in forms(STORIES[name]().entries)["md"]


def test_a_report_reads_the_same_before_and_after_the_change_is_closed() -> None:
    before, after = (forms(STORIES[name]().entries)["md"] for name in ("released", "closed"))
    assert after.partition("### 🚨")[0] == before.partition("### 🚨")[0]


def test_a_flood_of_issues_is_cut_and_counted() -> None:
    story = STORIES["released"]()
    for number in range(80):
        story.notice("qa", f"failed {number}")
    assert "- and 30 more, which the journal has" in forms(story.entries)["md"]
