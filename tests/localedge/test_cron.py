"""Cron triggers: stored over the API, run by the version that serves, set by the real wrangler."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from localedge.cron.scheduler import CronRun, Scheduler
from localedge.cron.table import SCHEMA, ScheduleTable
from localedge.state import workers
from localedge.state.database import open_database
from localedge.state.model import Script
from localedge.state.workers import WorkerTable
from tests.localedge.wrangler import Wrangler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

CLOCK = """
const ran = [];
export default {
  fetch() { return Response.json(ran); },
  async scheduled(controller, env, context) {
    if (controller.cron === "1 1 1 1 *") throw new Error("as wished");
    context.waitUntil(Promise.resolve().then(() =>
      ran.push({ cron: controller.cron, at: controller.scheduledTime, version: env.META.id })));
  },
};
"""
META = {"type": "version_metadata", "name": "META"}
HOURLY, YEARLY = "0 * * * *", "1 1 1 1 *"


def deploy(edge: RunningEdge, script: str) -> str:
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(CLOCK, bindings=[META]))
    assert answer.status == 200, answer
    return str(answer.result["version_id"])


def put_crons(edge: RunningEdge, script: str, *crons: str) -> None:
    body = [{"cron": cron} for cron in crons]
    answer = edge.api("PUT", f"/workers/scripts/{script}/schedules", json=body)
    assert answer.status == 200, answer


def own(edge: RunningEdge, script: str) -> str:
    return f"{edge.told['api_url'].removesuffix('/client/v4')}/edge/schedules/{script}"


def test_schedules_are_stored_with_their_times(edge: RunningEdge, script: str) -> None:
    deploy(edge, script)
    put_crons(edge, script, HOURLY, "*/5 * * * MON-FRI", HOURLY)
    path = f"/workers/scripts/{script}/schedules"
    first = edge.api("GET", path).result["schedules"]
    assert [one["cron"] for one in first] == [HOURLY, "*/5 * * * MON-FRI"]
    put_crons(edge, script, HOURLY, YEARLY)
    second = {one["cron"]: one for one in edge.api("GET", path).result["schedules"]}
    assert second.keys() == {HOURLY, YEARLY}
    assert second[HOURLY]["created_on"] == first[0]["created_on"]
    assert second[HOURLY]["modified_on"] > first[0]["modified_on"]
    put_crons(edge, script)
    assert edge.api("GET", path).result == {"schedules": []}


def test_a_bad_expression_changes_nothing(edge: RunningEdge, script: str) -> None:
    deploy(edge, script)
    put_crons(edge, script, HOURLY)
    path = f"/workers/scripts/{script}/schedules"
    answer = edge.api("PUT", path, json=[{"cron": YEARLY}, {"cron": "0 22 * * 0"}])
    assert (answer.status, answer.codes) == (400, [10100])
    assert "invalid cron string" in answer.message
    assert edge.api("PUT", path, json=[{"cron": 5}]).codes == [10100]
    assert edge.api("PUT", path, json={"crons": []}).codes == [10026]
    assert [one["cron"] for one in edge.api("GET", path).result["schedules"]] == [HOURLY]
    assert edge.api("PUT", "/workers/scripts/nobody/schedules", json=[]).codes == [10007]


def test_an_account_has_so_many_crons(edge: RunningEdge, script: str) -> None:
    deploy(edge, script)
    crons = [{"cron": f"{minute} {hour} * * *"} for hour in range(5) for minute in range(55)]
    answer = edge.api("PUT", f"/workers/scripts/{script}/schedules", json=crons)
    assert (answer.status, answer.codes) == (400, [10072])


def test_the_version_that_serves_runs(edge: RunningEdge, script: str) -> None:
    first = deploy(edge, script)
    put_crons(edge, script, HOURLY, YEARLY)
    fired = edge.api("POST", own(edge, script), json={"cron": HOURLY, "scheduled_ms": 1_700_000_000_000})
    assert (fired.status, fired.result["outcome"], fired.result["version_id"]) == (200, "ok", first)
    assert edge.visit(script).json() == [{"cron": HOURLY, "at": 1_700_000_000_000, "version": first}]
    second = deploy(edge, script)
    fired = edge.api("POST", own(edge, script), json={"cron": YEARLY})
    assert (fired.result["outcome"], fired.result["version_id"]) == ("exception", second)
    runs = edge.api("GET", own(edge, script)).result
    assert [(run["cron"], run["outcome"]) for run in runs] == [(YEARLY, "exception"), (HOURLY, "ok")]


def test_both_versions_of_a_split_run(edge: RunningEdge, script: str) -> None:
    first = deploy(edge, script)
    form = edge.form(CLOCK + "//", bindings=[META])
    second = edge.api("POST", f"/workers/scripts/{script}/versions", **form).result["id"]
    assert edge.serve(script, (first, 50), (second, 50)).status == 200
    put_crons(edge, script, HOURLY)
    ran = [edge.api("POST", own(edge, script), json={"cron": HOURLY}).result for _ in range(40)]
    assert {run["version_id"] for run in ran} == {first, second}


def test_only_a_cron_that_is_there_can_be_fired_and_only_with_the_token(
    edge: RunningEdge, script: str
) -> None:
    deploy(edge, script)
    refused = edge.api("POST", own(edge, script), json={"cron": HOURLY})
    assert (refused.status, refused.codes) == (400, [10026])
    assert edge.http.post(own(edge, script), json={"cron": HOURLY}).status_code == 401
    assert edge.http.get(own(edge, script)).status_code == 401


def test_crons_go_with_their_worker(edge: RunningEdge, script: str) -> None:
    deploy(edge, script)
    put_crons(edge, script, HOURLY)
    assert edge.api("DELETE", f"/workers/scripts/{script}").status == 200
    deploy(edge, script)
    assert edge.api("GET", f"/workers/scripts/{script}/schedules").result == {"schedules": []}


@pytest.mark.e2e
def test_wrangler_sets_crons(edge: RunningEdge, script: str, tmp_path: Path) -> None:
    wrangler = Wrangler(edge, tmp_path / "project")
    meta = {"binding": "META"}
    wrangler.write(CLOCK, name=script, version_metadata=meta, triggers={"crons": [HOURLY, "0 0 LW * *"]})
    assert f"schedule: {HOURLY}" in wrangler.run("deploy")
    told = edge.api("GET", f"/workers/scripts/{script}/schedules").result["schedules"]
    assert [one["cron"] for one in told] == [HOURLY, "0 0 LW * *"]
    wrangler.write(CLOCK, name=script, version_metadata=meta, triggers={"crons": ["61 * * * *"]})
    assert "10100" in wrangler.run("triggers", "deploy", check=False)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def table(tmp_path: Path) -> ScheduleTable:
    database = open_database(tmp_path / "state.sqlite", (workers.SCHEMA, SCHEMA))
    WorkerTable(database).put_script(Script("clock", "tag", "now", "now"))
    return ScheduleTable(database)


@pytest.mark.anyio
async def test_each_cron_runs_at_most_once_a_minute(table: ScheduleTable) -> None:
    ran: list[tuple[str, int]] = []

    async def run(script: str, cron: str, scheduled_ms: int) -> tuple[str, str]:
        assert script == "clock"
        ran.append((cron, scheduled_ms))
        return "version", "ok"

    table.replace("clock", ["30 10 * * *", "* * * * *", "0 9 * * *"], "now")
    scheduler = Scheduler(table, run)
    half_past = round(datetime.datetime(2026, 5, 4, 10, 30, tzinfo=datetime.UTC).timestamp() * 1000)
    async with scheduler.running():
        for now_ms in (half_past + 5, half_past + 59_999, half_past + 60_000):
            scheduler.begin_due(now_ms)
            await scheduler.settled()
        restarted = Scheduler(table, run)
        restarted.begin_due(half_past + 61_000)
        await restarted.settled()
        # A clock that is put back runs nothing twice; hours that were slept through are not made up for.
        restarted.begin_due(half_past)
        restarted.begin_due(half_past + 7_200_000)
        await restarted.settled()
    assert sorted(ran, key=lambda one: (one[1], one[0])) == [
        ("* * * * *", half_past),
        ("30 10 * * *", half_past),
        ("* * * * *", half_past + 60_000),
        ("* * * * *", half_past + 7_200_000),
    ]
    assert scheduler.runs("clock")[0] == CronRun(
        "clock", "* * * * *", half_past + 60_000, "version", "ok", scheduler.runs("clock")[0].took_ms
    )
