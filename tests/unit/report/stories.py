"""Every way a change can go, as journal entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.domain.actor import Actor, ActorKind
from headgate.domain.change import Change, ChangeKind, Target
from headgate.domain.gate import Finding, Verdict
from headgate.domain.journal import Event
from headgate.domain.plan import RollbackPlan, Trust, WayBack
from tests.unit.report.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ANN = Actor(ActorKind.PERSON, "ann")
OLD, NEW = "0a11c0de-0000-4000-8000-000000000001", "5eed1e55-0000-4000-8000-000000000002"
STAGED = "57a6ed00-0000-4000-8000-000000000003"
SCRIPTS = {"staging": "shop-staging", "production": "shop-production"}
STAGING, SHOP = (f"/accounts/acc/workers/scripts/{script}" for script in SCRIPTS.values())
DEPLOY = f"POST {SHOP}/deployments 200 (11 ms)"
STEPS = {
    "upload-staging": "upload to staging",
    "switch-staging": "switch staging to the new version",
    "smoke-staging": "smoke checks on staging",
    "upload-production": "upload to production",
    "reach-production": "bring the new version in reach at 0 % in production",
    "smoke-production": "smoke checks on the new version in production",
    "switch-production": "switch production to the new version",
}
FIRST_STEPS = {name: STEPS[name] for name in ("upload-production", "smoke-production")}
BACK_STEPS = {
    "reach-production": f"bring version {OLD} in reach",
    "switch-production": f"switch back to {OLD}",
}
BY_HAND = f"npx wrangler versions deploy {OLD}@100% --name shop-production --yes"
BACK = RollbackPlan(WayBack.VERSION, OLD, Trust.VERIFIED, ("headgate rollback production", BY_HAND))
WITHDRAW = RollbackPlan(WayBack.WITHDRAW, "", Trust.NONE, ("npx wrangler delete --name shop-production",))


def release(change_id: str = "c001", reason: str = "Faster cart", **scripts: str) -> Change:
    arguments = {"artifact": "sha256:" + "ab" * 32, "bundles": {}, "scripts": scripts or SCRIPTS}
    target = Target("shop", "production")
    return Change(change_id, ChangeKind.WORKER_RELEASE, target, ANN, reason, arguments)


def counted(requests: int, errors: int, p95_ms: float) -> dict[str, Any]:
    latency = {"p50_ms": p95_ms / 3, "p95_ms": p95_ms, "p99_ms": p95_ms * 2}
    rate = 100 * errors / requests
    return {
        "requests": requests,
        "exceptions": errors,
        "errors": errors,
        "error_rate_percent": rate,
        **latency,
    }


def gated(story: Story) -> Story:
    story.gate("tests", "214 tests passed, 2 skipped")
    story.gate("dependencies", "package-lock.json matches package.json")
    story.gate("configuration", "wrangler.jsonc is valid; 2 bindings exist in production")
    story.gate("secrets", "1 required secret exists; none found in 3 files")
    story.gate("rollback-plan", f"version {OLD} exists and answers")
    return story.start()


def staged(change: Change) -> Story:
    build = "wrangler deploy --dry-run --env=production exit 0 (900 ms)"
    story = gated(Story(change).plan(STEPS, BACK, build, serving=OLD))
    uploaded, checked = {"version_id": STAGED, "number": 6}, {"checks": [], "version_id": STAGED}
    story.do("upload-staging", uploaded, f"POST {STAGING}/versions 200 (38 ms)")
    story.do("switch-staging", {"split": {STAGED: 100.0}}, f"POST {STAGING}/deployments 200 (11 ms)")
    return story.do("smoke-staging", checked, "smoke health: GET /health: 200 in 12 ms")


def switched(change: Change) -> Story:
    uploaded, checked = {"version_id": NEW, "number": 7}, {"checks": [], "version_id": NEW}
    story = staged(change).do("upload-production", uploaded, f"POST {SHOP}/versions 200 (40 ms)")
    story.do("reach-production", {"split": {OLD: 100.0, NEW: 0.0}}, DEPLOY)
    story.do("smoke-production", checked, "smoke health: GET /health: 200 in 9 ms")
    story.do("switch-production", {"split": {NEW: 100.0, OLD: 0.0}}, DEPLOY)
    return story.say(Event.CHANGE_VERIFIED)


def released(change_id: str = "c001") -> Story:
    why, old = "healthy for 60 s: 2431 requests, error rate 0.04 %", counted(8000, 8, 11.0)
    story = switched(release(change_id)).watch(NEW, OLD)
    story.sample("hold", "healthy for 5 of 60 s", new=counted(200, 0, 12.4), old=old)
    story.sample("promote", why, new=counted(2431, 1, 12.4), old=old)
    return story.say(Event.CHANGE_WATCHED, {"why": why}).good(NEW, kept=OLD)


def way_back_silent() -> Story:
    silent = f"version {OLD} did not answer as it should: GET /health: 500 in 4 ms, expected status 200"
    return released().say(Event.ROLLBACK_CHECKED, {"ready": False, "what": silent})


def closed() -> Story:
    story = released().say(Event.REPORT_WRITTEN, {"files": [".headgate/reports/c001.md"]})
    story.say(Event.CHANGE_DOCUMENTED, {"files": []}).notice("qa").notice("pm", "HTTP 502 from hooks.test")
    story.say(Event.CHANGE_HANDED_OFF, {"roles": ["qa", "pm"]})
    return story.say(Event.CHANGE_CLOSED, {"outcome": "done"})


def _first_upload() -> Story:
    change = release(production="shop-production")
    story = gated(Story(change).plan(FIRST_STEPS, WITHDRAW, serving=""))
    made = {"version_id": NEW, "number": 1, "created_worker": True}
    return story.do("upload-production", made, f"PUT {SHOP} 200 (61 ms)")


def first_release() -> Story:
    story = _first_upload().do("smoke-production", {}, "smoke health: GET /health: 200 in 9 ms")
    story.say(Event.CHANGE_VERIFIED).watch(NEW, "")
    story.sample("promote", "healthy for 60 s: 40 requests", new=counted(40, 0, 3.25), old=None)
    story.say(Event.CHANGE_WATCHED, {"why": "healthy for 60 s: 40 requests"})
    return story.good(NEW, kept="")


def first_release_taken_away() -> Story:
    story = _first_upload().fail("smoke-production", "Smoke check health failed: GET /health: 500 in 4 ms.")
    story.turn_round("smoke checks on production failed", automatic=True).undo("smoke-production")
    story.undo("upload-production", {"withdrawn": "shop-production"}, f"DELETE {SHOP} 200 (20 ms)")
    return story.say(Event.VERSION_BAD, {"version_id": NEW, "why": ""}).say(Event.CHANGE_ROLLED_BACK)


def rejected(change_id: str = "c001") -> Story:
    found = "2 of 214 tests failed: cart > total, cart > discount."
    remedy = "Mend them, then run `headgate test`."
    failed = Finding("tests-failed", Verdict.FAIL, found, "reports/junit.xml", remedy)
    aged = Finding("date-old", Verdict.WARN, "The compatibility date is 2 years old.", "wrangler.jsonc:4")
    story = Story(release(change_id)).plan(STEPS, BACK, serving=OLD)
    story.gate("tests", "2 of 214 tests failed", failed)
    story.gate("dependencies", "package-lock.json matches package.json")
    story.gate("configuration", "wrangler.jsonc is valid", aged)
    story.gate("secrets", "1 required secret exists; none found in 3 files")
    story.gate("rollback-plan", f"version {OLD} exists and answers").say(Event.CHANGE_GATED)
    return story.say(Event.CHANGE_REJECTED, {"why": "refused by tests"})


def without_a_plan() -> Story:
    why = "no plan can be made: The platform does not answer. (http://127.0.0.1:1)"
    return Story(release()).say(Event.CHANGE_REJECTED, {"why": why})


def rolled_back(change_id: str = "c001") -> Story:
    why = "error rate 41.20 % of 250 requests, 0.10 % before; the limit is 1.10 %"
    story = switched(release(change_id)).watch(NEW, OLD)
    story.sample("rollback", why, new=counted(250, 103, 35.5), old=counted(8000, 8, 11.0))
    story.turn_round(why, automatic=True)
    story.undo("switch-production", {"split": {OLD: 100.0}}, DEPLOY).undo("smoke-production")
    story.undo("reach-production", {"split": {OLD: 100.0}}, f"GET {SHOP}/deployments 200 (4 ms)")
    story.undo("upload-production").undo("smoke-staging")
    story.undo("switch-staging", {"split": {OLD: 100.0}}).undo("upload-staging")
    return story.say(Event.VERSION_BAD, {"version_id": NEW, "why": why}).say(Event.CHANGE_ROLLED_BACK)


def foreign_change() -> Story:
    theirs = 'bob set shop-production to v9 at 100 % ("hotfix")'
    story = switched(release()).turn_round("somebody else deployed", automatic=True)
    story.undo("switch-production", {"left_alone": theirs})
    return story.say(Event.CHANGE_ROLLED_BACK)


def interrupted() -> Story:
    return staged(release()).wait(30).say(Event.CHANGE_RESUMED)


def stuck() -> Story:
    ci, why = Actor(ActorKind.CI, "nightly"), {"why": "wrong branch"}
    story = switched(release()).say(Event.ABORT_REQUESTED, why, by=ci)
    story.turn_round("aborted by ci:nightly: wrong branch", automatic=False)
    return story.fail_to_undo("switch-production", "The platform does not answer.", "Start it.")


def rolling_back(change_id: str = "c002") -> Story:
    arguments = {"version_id": "", "scripts": {"production": "shop-production"}}
    kind, target = ChangeKind.WORKER_ROLLBACK, Target("shop", "production")
    change = Change(change_id, kind, target, ANN, "customers see errors", arguments)
    back = RollbackPlan(WayBack.VERSION, OLD, Trust.VERIFIED, (BY_HAND,))
    story = Story(change).plan(BACK_STEPS, back, serving=NEW)
    story.gate("rollback-plan", f"version {OLD} exists and answers").start()
    story.do("reach-production", {"split": {NEW: 100.0, OLD: 0.0}}, DEPLOY)
    story.do("switch-production", {"split": {OLD: 100.0}}, DEPLOY)
    return story.say(Event.CHANGE_VERIFIED).watch(OLD, NEW, can_undo=False)


def rollback(change_id: str = "c002") -> Story:
    story = rolling_back(change_id)
    why = "error rate 4.44 % of 90 requests; the limit is 1.00 %"
    story.sample("rollback", why, new=counted(90, 4, 11.0), old=counted(300, 120, 40.0))
    return story.say(Event.CHANGE_WATCHED, {"why": why}).good(OLD, kept="")


STORIES: Mapping[str, Callable[[], Story]] = {
    story.__name__: story
    for story in (
        released,
        way_back_silent,
        closed,
        first_release,
        first_release_taken_away,
        rejected,
        without_a_plan,
        rolled_back,
        foreign_change,
        interrupted,
        stuck,
        rollback,
    )
}
