"""Every way in which a change that turned round can leave its environment, as journal entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.journal import Event
from tests.unit.report import stories
from tests.unit.report.stories import DEPLOY, NEW, OLD, SHOP, STAGED, STEPS, WITHDRAW, release
from tests.unit.report.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

THEIRS = 'bob set shop-production to v9 at 100 % at 2026-03-14T09:26:59Z ("hotfix")'
SMOKE = "Smoke check health failed: GET /health: 500 in 4 ms."
UPLOADED = {"version_id": NEW, "number": 7}


def _undone(story: Story, *steps: str) -> Story:
    """The rest of the steps, undone without a trace; then the end."""
    for step in (*steps, "smoke-staging"):
        story.undo(step)
    story.undo("switch-staging", {"split": {OLD: 100.0}}).undo("upload-staging")
    return story.say(Event.CHANGE_ROLLED_BACK)


def _turned(story: Story, failed: str, what: str) -> Story:
    story.fail(failed, what)
    return story.turn_round(f"{STEPS[failed]}: {what}", automatic=True)


def _up_to_staging() -> Story:
    return stories.staged(release())


def failed_in_staging() -> Story:
    story = stories.gated(Story(release()).plan(STEPS, stories.BACK, serving=OLD))
    story.do("upload-staging", {"version_id": STAGED, "number": 6})
    story.do("switch-staging", {"split": {STAGED: 100.0}})
    return _undone(_turned(story, "smoke-staging", SMOKE))


def upload_failed() -> Story:
    what = "The platform could not start the script: boom is not defined."
    return _undone(_turned(_up_to_staging(), "upload-production", what), "upload-production")


def first_upload_failed() -> Story:
    first = {name: title for name, title in STEPS.items() if name != "reach-production"}
    story = stories.gated(Story(release()).plan(first, WITHDRAW, serving=""))
    left = {"left_alone": "shop-production is not (or no longer) the one this change made"}
    story = _turned(story, "upload-production", "The platform could not start the script.")
    return story.undo("upload-production", left).say(Event.CHANGE_ROLLED_BACK)


def failed_at_zero() -> Story:
    story = _up_to_staging().do("upload-production", UPLOADED, f"POST {SHOP}/versions 200 (40 ms)")
    story.do("reach-production", {"split": {OLD: 100.0, NEW: 0.0}}, DEPLOY)
    story = _turned(story, "smoke-production", SMOKE).undo("smoke-production")
    story.undo("reach-production", {"split": {OLD: 100.0}}, DEPLOY)
    return _undone(story, "upload-production")


def switch_failed() -> Story:
    story = _up_to_staging().do("upload-production", UPLOADED)
    story.do("reach-production", {"split": {OLD: 100.0, NEW: 0.0}}, DEPLOY)
    story = _turned(story, "switch-production", "The answer was lost.")
    story.undo("switch-production", {"split": {OLD: 100.0}}, DEPLOY)
    story.undo("reach-production", {"split": {OLD: 100.0}})
    return _undone(story, "upload-production")


def somebody_else_deployed() -> Story:
    why = f"Somebody else changed the deployment: {THEIRS}."
    story = stories.switched(release()).watch(NEW, OLD)
    story.sample("rollback", why, new=stories.counted(200, 0, 12.0), old=None)
    story.turn_round(why, automatic=True).undo("switch-production", {"left_alone": THEIRS})
    story.undo("smoke-production").undo("reach-production", {"left_alone": THEIRS})
    return _undone(story, "upload-production")


def somebody_else_deployed_after_a_rollback() -> Story:
    why = f"Somebody else changed the deployment: {THEIRS}."
    story = stories.rolling_back()
    story.sample("rollback", why, new=stories.counted(90, 0, 11.0), old=None)
    return story.say(Event.CHANGE_WATCHED, {"why": why}).good(OLD, kept="")


ENDINGS: Mapping[str, Callable[[], Story]] = {
    story.__name__: story
    for story in (
        failed_in_staging,
        upload_failed,
        first_upload_failed,
        failed_at_zero,
        switch_failed,
        somebody_else_deployed,
        somebody_else_deployed_after_a_rollback,
    )
}
