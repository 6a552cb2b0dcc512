"""The counters of the versions, as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localedge.metrics_text import exposition
from localedge.runtime import LatencyHistogram, VersionCounters

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

FAILER = """
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/throw") throw new Error("as asked");
    return new Response("", { status: Number(path.slice(1)) });
  },
};
"""


def test_the_text_is_as_prometheus_reads_it() -> None:
    latency = LatencyHistogram(edges_ms=(5, 2500), counts=(2, 3, 4), sum_ms=4100.5)
    counters = VersionCounters(
        script="shop",
        version_id="v1",
        requests=4,
        exceptions=1,
        unanswered=0,
        statuses={500: 1, 200: 3},
        latency=latency,
        inflight=2,
    )
    assert exposition([counters]) == (
        "# TYPE localedge_requests_total counter\n"
        'localedge_requests_total{script="shop",version="v1",status="200"} 3\n'
        'localedge_requests_total{script="shop",version="v1",status="500"} 1\n'
        "# TYPE localedge_exceptions_total counter\n"
        'localedge_exceptions_total{script="shop",version="v1"} 1\n'
        "# TYPE localedge_unanswered_total counter\n"
        'localedge_unanswered_total{script="shop",version="v1"} 0\n'
        "# TYPE localedge_request_duration_seconds histogram\n"
        'localedge_request_duration_seconds_bucket{script="shop",version="v1",le="0.005"} 2\n'
        'localedge_request_duration_seconds_bucket{script="shop",version="v1",le="2.5"} 3\n'
        'localedge_request_duration_seconds_bucket{script="shop",version="v1",le="+Inf"} 4\n'
        'localedge_request_duration_seconds_sum{script="shop",version="v1"} 4.1005\n'
        'localedge_request_duration_seconds_count{script="shop",version="v1"} 4\n'
        "# TYPE localedge_inflight gauge\n"
        'localedge_inflight{script="shop",version="v1"} 2\n'
    )


def test_requests_are_counted_by_version_and_status(edge: RunningEdge, script: str) -> None:
    made = edge.api("PUT", f"/workers/scripts/{script}", **edge.form(FAILER)).result
    for path in ("/200", "/200", "/404", "/503", "/throw"):
        edge.visit(script, path)
    text = edge.http.get(edge.told["api_url"].replace("/client/v4", "/metrics")).text
    labels = f'script="{script}",version="{made["version_id"]}"'
    counted = dict(re.findall(rf'localedge_requests_total{{{labels},status="(\d+)"}} (\d+)', text))
    assert counted == {"200": "2", "404": "1", "500": "1", "503": "1"}
    assert f"localedge_exceptions_total{{{labels}}} 1\n" in text
    assert f"localedge_request_duration_seconds_count{{{labels}}} 5\n" in text
    assert f"localedge_inflight{{{labels}}} 0\n" in text
