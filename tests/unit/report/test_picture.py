"""The picture of a rollout: what is in it, that it is sound, and that it stays small."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from defusedxml import ElementTree as Xml

from headgate.domain.journal import Event
from headgate.domain.record import record_of
from headgate.domain.report import forms
from headgate.domain.report.picture import picture_of
from headgate.domain.report.picture.scale import Panel, round_marks, thinned, time_marks, time_words
from tests.unit.looks.canary import bad, entries_of, good, halfway
from tests.unit.report import stories

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from headgate.domain.record import ChangeRecord
    from tests.unit.changes.stage import Shop

SVG = "{http://www.w3.org/2000/svg}"
BYTES_MAX = 40_000


def drawn(record: ChangeRecord) -> Element:
    return Xml.fromstring(picture_of(record))


def classes(picture: Element, tag: str) -> list[str]:
    return [element.get("class", "") for element in picture.iter(f"{SVG}{tag}")]


def texts(picture: Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize("release", [bad, good, halfway])
def test_it_is_whole_and_loads_nothing(release: Callable[[], tuple[Shop, ChangeRecord]]) -> None:
    _, record = release()
    picture = picture_of(record)
    assert Xml.fromstring(picture).tag == f"{SVG}svg"
    assert len(picture.encode()) < BYTES_MAX
    assert "NaN" not in picture
    assert "nan" not in re.findall(r'"[^"]*"', picture)
    assert not re.search(r"url\(|@import|<script|href|<image|<foreignObject", picture)
    assert picture.count("http") == 1, "the name of SVG itself"
    assert "prefers-color-scheme:dark" in picture


def test_it_has_the_evidence_with_the_lines_where_it_acts() -> None:
    picture = drawn(bad()[1])
    lines = classes(picture, "path")
    assert {"line against one", "line against two", "line for one", "line for two"} <= set(lines)
    assert {"act for", "act against"} <= set(classes(picture, "line"))
    assert "goes on at 1 : 20" in texts(picture)
    assert "goes back at errors 1 : 100, latency 1 : 200" in texts(picture)
    assert {"errors", "latency"} <= set(texts(picture))


def test_it_has_both_error_rates_with_bands() -> None:
    lines = classes(drawn(halfway()[1]), "path")
    for version in ("new", "old"):
        assert lines.count(f"band {version}") == lines.count(f"line {version}") == 2, "one a stage"


def test_the_stages_are_behind_both_panels() -> None:
    picture = drawn(good()[1])
    stages = [look for look in classes(picture, "rect") if look.startswith("stage")]
    assert len(stages) == 2 * 4
    assert {"5 %", "25 %", "50 %", "95 %"} <= set(texts(picture))


def test_everything_is_within_the_picture() -> None:
    for path in drawn(good()[1]).iter(f"{SVG}path"):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.get("d", ""))]
        assert all(0 <= x <= 720 for x in numbers[0::2])
        assert all(0 <= y <= 430 for y in numbers[1::2])


def test_evidence_that_decides_reaches_its_line() -> None:
    picture = drawn(bad()[1])
    (line,) = (one for one in picture.iter(f"{SVG}line") if one.get("class") == "act against")
    (path,) = (one for one in picture.iter(f"{SVG}path") if one.get("class") == "line against one")
    last = float(re.findall(r"[\d.]+", path.get("d", ""))[-1])
    assert last >= float(line.get("y1", "0"))


def test_a_verdict_of_others_cannot_leave_its_place() -> None:
    shop, record = bad()
    entries = [
        replace(entry, data={**entry.data, "why": "</desc><script>x</script>"})
        if entry.event is Event.CHANGE_UNDOING
        else entry
        for entry in entries_of(shop, record)
    ]
    picture = picture_of(record_of(entries))
    assert "<script" not in picture
    Xml.fromstring(picture)


def test_without_evidence_there_is_none() -> None:
    for name, story in stories.STORIES.items():
        assert "svg" not in forms(story().entries), name


def test_a_long_watch_is_thinned_and_stays_small() -> None:
    shop, record = good()
    long = []
    for entry in entries_of(shop, record):
        long += [entry] * (60 if entry.event is Event.WATCH_SAMPLED else 1)
    assert len(picture_of(record_of(long)).encode()) < BYTES_MAX


def test_the_forms_of_the_report_go_with_it() -> None:
    shop, record = good()
    made = forms(entries_of(shop, record))
    assert f"![Evidence and error rates over time]({record.change.id}.svg)" in made["md"]
    assert made["svg"].rstrip() in made["html"]
    assert made["md"].count("- Stage ") == 4
    assert "passed: healthy after" in made["md"]
    assert "- Evidence against: errors 1 : 1" in made["md"]


def test_a_release_that_was_rolled_back_says_so_in_its_stage() -> None:
    shop, record = bad()
    made = forms(entries_of(shop, record))["md"]
    stage = next(line for line in made.splitlines() if line.startswith("- Stage 5 %"))
    assert "; rolled back: after " in stage
    assert "against 0." in stage
    assert "Evidence against: errors 1 : " in made
    assert ", enough (errors " in made


def test_axes() -> None:
    panel = Panel(10, 110, 20, 70, x_max=100, y_min=0, y_max=10)
    assert (panel.x(50), panel.y(5), panel.y(99)) == (60, 45, 20)
    assert time_marks(260) == [0, 60, 120, 180, 240]
    assert len(time_marks(10**9)) <= 9
    assert time_marks(0.5) == [0]
    assert [f"{mark:g}" for mark in round_marks(4.4)] == ["1", "2", "3", "4"]
    assert [f"{mark:g}" for mark in round_marks(0.1)] == ["0.02", "0.04", "0.06", "0.08", "0.1"]
    assert [time_words(seconds) for seconds in (30, 120, 5400, 172800)] == ["30 s", "2 min", "1.5 h", "2 d"]
    assert list(thinned(range(1000), out_of=1000))[::159] == [0, 999]
    assert list(thinned(range(5), out_of=10_000)) == list(range(5))
