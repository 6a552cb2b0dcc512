"""Notices say what the record shows, however a change ended."""

from __future__ import annotations

import pytest

from headgate.domain.hand_off import notices_of
from headgate.domain.record import record_of
from headgate.domain.role import Role
from tests.unit.report.endings import ENDINGS, THEIRS
from tests.unit.report.stories import NEW, OLD, STAGED, STORIES

TOLD = {**STORIES, **ENDINGS}


def told(story: str) -> tuple[str, dict[Role, str]]:
    """The subject of a story's notices, and the last line for each role."""
    notices = notices_of(record_of(TOLD[story]().entries))
    (subject,) = {notice.subject for notice in notices}
    return subject, {notice.role: notice.text.splitlines()[-1] for notice in notices}


BEFORE = f"version {OLD}, as before."


@pytest.mark.parametrize(
    ("story", "was", "users"),
    [
        (
            "failed_in_staging",
            "undone before anything",
            f"It never changed production. Serving there: {BEFORE}",
        ),
        ("upload_failed", "undone before anything", f"It never changed production. Serving there: {BEFORE}"),
        (
            "failed_at_zero",
            "undone before any traffic",
            f"No traffic was moved. Users are served by {BEFORE}",
        ),
        ("rolled_back", "rolled back", f"Users are served by version {OLD}."),
        ("switch_failed", "rolled back", f"Users are served by version {OLD}."),
        (
            "first_release_taken_away",
            "taken away again",
            "Serving in production now: nothing: the Worker shop-production was taken away again.",
        ),
        (
            "somebody_else_deployed",
            "stopped: somebody else deployed",
            f"Users are served by what somebody else deployed: {THEIRS}.",
        ),
    ],
)
def test_people_are_told_what_users_get_now(story: str, was: str, users: str) -> None:
    subject, by_role = told(story)
    assert f"shop/production was {was}" in subject
    assert by_role[Role.PM] == users


@pytest.mark.parametrize(
    ("story", "left"),
    [
        ("rolled_back", f"version {NEW} in production"),
        ("failed_at_zero", f"version {NEW} in production"),
        ("failed_in_staging", f"version {STAGED} in staging"),
        ("upload_failed", f"version {STAGED} in staging"),
    ],
)
def test_a_debugger_is_told_which_version_can_be_examined(story: str, left: str) -> None:
    assert told(story)[1][Role.DEBUGGER] == f"Still uploaded, to be examined: {left}."


@pytest.mark.parametrize("story", ["first_release_taken_away", "first_upload_failed"])
def test_nothing_can_be_examined_where_nothing_is_left(story: str) -> None:
    assert told(story)[1][Role.DEBUGGER].startswith("No version of it is left on the platform")


def test_a_first_release_whose_upload_failed_is_no_deployment_of_somebody_else() -> None:
    users = told("first_upload_failed")[1][Role.PM]
    assert users.startswith("It never changed production.")
    assert "somebody else" not in users


def test_whoever_deployed_meanwhile_is_to_be_asked() -> None:
    developer = told("somebody_else_deployed")[1][Role.DEVELOPER]
    assert developer.startswith("Agree with them which version is to serve in production, then try again.")


def test_after_a_rollback_too_people_hear_of_a_foreign_deployment() -> None:
    users = told("somebody_else_deployed_after_a_rollback")[1][Role.PM]
    assert users == f"Users are served by what somebody else deployed: {THEIRS}."
