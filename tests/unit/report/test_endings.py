"""What a report says of a change that turned round is what the record shows."""

from __future__ import annotations

import pytest

from headgate.domain.report.reading import report_of
from tests.unit.report.endings import ENDINGS
from tests.unit.report.stories import STORIES

TOLD = {**STORIES, **ENDINGS}


@pytest.mark.parametrize(
    ("story", "ending"),
    [
        ("released", None),
        ("rejected", None),
        ("stuck", None),
        ("failed_in_staging", "never changed"),
        ("upload_failed", "never changed"),
        ("first_upload_failed", "never changed"),
        ("failed_at_zero", "no traffic moved"),
        ("switch_failed", "went back"),
        ("rolled_back", "went back"),
        ("first_release_taken_away", "withdrawn"),
        ("foreign_change", "left alone"),
        ("somebody_else_deployed", "left alone"),
    ],
)
def test_how_far_it_had_come(story: str, ending: str | None) -> None:
    assert report_of(TOLD[story]().entries).about.ending == ending


@pytest.mark.parametrize("story", ["failed_in_staging", "upload_failed", "failed_at_zero", "foreign_change"])
def test_no_time_is_told_for_traffic_that_did_not_come_back(story: str) -> None:
    assert report_of(TOLD[story]().entries).metrics.back_seconds is None


@pytest.mark.parametrize("story", [name for name in TOLD if "released" not in name and name != "closed"])
def test_why_going_back_is_not_ready_is_told(story: str) -> None:
    metrics = report_of(TOLD[story]().entries).metrics
    assert not metrics.rollback_ready
    assert metrics.rollback_checked
