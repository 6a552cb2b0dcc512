"""The rate-limit binding: counted for each key, shared by all who have the same namespace."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.localedge.wrangler import Wrangler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

LIMITED = """
export default {
  async fetch(request, env) {
    const { success } = await env.LIMITER.limit({ key: new URL(request.url).pathname });
    return new Response(null, { status: success ? 200 : 429 });
  },
};
"""
PERIOD_SECONDS = 60
ROOM_SECONDS = 40


def limiter(namespace: str, limit: int = 3, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    simple = {"limit": limit, "period": PERIOD_SECONDS}
    return {"type": "ratelimit", "name": "LIMITER", "namespace_id": namespace, "simple": simple, **more}


def deploy(edge: RunningEdge, script: str, binding: dict[str, Any]) -> None:
    answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(LIMITED, bindings=[binding]))
    assert answer.status == 200, answer


def at_the_beginning_of_a_period() -> None:
    """The counters begin anew with every full minute; a test has to fall into one."""
    left = PERIOD_SECONDS - time.time() % PERIOD_SECONDS
    if left < ROOM_SECONDS:
        time.sleep(left + 0.1)


def statuses(edge: RunningEdge, script: str, path: str, count: int) -> list[int]:
    return [edge.visit(script, path).status_code for _ in range(count)]


@pytest.mark.timeout(180)
def test_calls_over_the_limit_are_told(edge: RunningEdge, script: str) -> None:
    deploy(edge, script, limiter(script))
    deploy(edge, f"{script}-b", limiter(script))
    deploy(edge, f"{script}-c", limiter(f"{script}-c"))
    at_the_beginning_of_a_period()
    assert statuses(edge, script, "/a", 2) == [200, 200]
    assert statuses(edge, f"{script}-b", "/a", 2) == [200, 429]
    deploy(edge, script, limiter(script))  # a new version counts on
    assert statuses(edge, script, "/a", 1) == [429]
    assert statuses(edge, script, "/b", 4) == [200, 200, 200, 429]
    assert statuses(edge, f"{script}-c", "/a", 1) == [200]


def test_a_limit_that_makes_no_sense_is_refused(edge: RunningEdge, script: str) -> None:
    for binding in (
        limiter(script, simple={"limit": 3, "period": 30}),
        limiter(script, simple={"limit": 0, "period": 10}),
        limiter(script, simple=None),
        limiter(script, namespace_id=None),
    ):
        answer = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(LIMITED, bindings=[binding]))
        assert (answer.status, answer.codes) == (400, [10021]), binding


@pytest.mark.e2e
@pytest.mark.parametrize("spelling", ["ratelimits", "unsafe"])
def test_wrangler_deploys_it(edge: RunningEdge, script: str, tmp_path: Path, spelling: str) -> None:
    wrangler = Wrangler(edge, tmp_path / "project")
    # wrangler asks for digits.
    namespace = str(time.time_ns())
    simple = {"limit": 2, "period": PERIOD_SECONDS}
    told: dict[str, Any] = (
        {"ratelimits": [{"name": "LIMITER", "namespace_id": namespace, "simple": simple}]}
        if spelling == "ratelimits"
        else {
            "unsafe": {
                "bindings": [
                    {"name": "LIMITER", "type": "ratelimit", "namespace_id": namespace, "simple": simple}
                ]
            }
        }
    )
    wrangler.write(LIMITED, name=script, **told)
    wrangler.run("deploy")
    at_the_beginning_of_a_period()
    assert statuses(edge, script, "/", 3) == [200, 200, 429]
