"""The counters of the versions, as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localedge.analytics.cpu import CpuSums
from localedge.metrics_text import ProcessMetrics, exposition
from localedge.queues.model import Backlog
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
        disconnects=5,
    )
    text = exposition(
        [counters],
        cpu_seconds={"v1": 0.25},
        processes=[ProcessMetrics("version-v1", 1, 4096), ProcessMetrics("version-v1", 0, None)],
        backlogs={"orders": Backlog(3, 120, 0)},
    )
    assert text == (
        "# TYPE localedge_requests_total counter\n"
        'localedge_requests_total{script="shop",version="v1",status="200"} 3\n'
        'localedge_requests_total{script="shop",version="v1",status="500"} 1\n'
        "# TYPE localedge_exceptions_total counter\n"
        'localedge_exceptions_total{script="shop",version="v1"} 1\n'
        "# TYPE localedge_unanswered_total counter\n"
        'localedge_unanswered_total{script="shop",version="v1"} 0\n'
        "# TYPE localedge_disconnects_total counter\n"
        'localedge_disconnects_total{script="shop",version="v1"} 5\n'
        "# TYPE localedge_invocations_total counter\n"
        'localedge_invocations_total{script="shop",version="v1",outcome="ok"} 3\n'
        'localedge_invocations_total{script="shop",version="v1",outcome="exception"} 1\n'
        'localedge_invocations_total{script="shop",version="v1",outcome="unanswered"} 0\n'
        "# TYPE localedge_request_duration_seconds histogram\n"
        'localedge_request_duration_seconds_bucket{script="shop",version="v1",le="0.005"} 2\n'
        'localedge_request_duration_seconds_bucket{script="shop",version="v1",le="2.5"} 3\n'
        'localedge_request_duration_seconds_bucket{script="shop",version="v1",le="+Inf"} 4\n'
        'localedge_request_duration_seconds_sum{script="shop",version="v1"} 4.1005\n'
        'localedge_request_duration_seconds_count{script="shop",version="v1"} 4\n'
        "# TYPE localedge_inflight gauge\n"
        'localedge_inflight{script="shop",version="v1"} 2\n'
        "# TYPE localedge_cpu_seconds_total counter\n"
        'localedge_cpu_seconds_total{script="shop",version="v1"} 0.25\n'
        "# TYPE localedge_process_resident_memory_bytes gauge\n"
        'localedge_process_resident_memory_bytes{process="version-v1"} 4096\n'
        "# TYPE localedge_process_restarts_total counter\n"
        'localedge_process_restarts_total{process="version-v1"} 1\n'
        "# TYPE localedge_queue_backlog_messages gauge\n"
        'localedge_queue_backlog_messages{queue="orders"} 3\n'
        "# TYPE localedge_queue_backlog_bytes gauge\n"
        'localedge_queue_backlog_bytes{queue="orders"} 120\n'
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


def test_cpu_time_is_told_and_does_not_go_back_when_a_process_is_replaced(
    edge: RunningEdge, script: str
) -> None:
    version_id = edge.deploy(script)
    origin = edge.told["api_url"].replace("/client/v4", "")

    def cpu_seconds() -> float:
        text = edge.http.get(f"{origin}/metrics").text
        labels = f'script="{script}",version="{version_id}"'
        found = re.search(rf"localedge_cpu_seconds_total{{{labels}}} (\S+)", text)
        assert found is not None
        assert f'localedge_process_restarts_total{{process="version-{version_id}"}}' in text
        return float(found.group(1))

    edge.visit(script)
    before = cpu_seconds()
    assert before > 0
    killed = edge.api("POST", f"{origin}/edge/faults/processes", json={"kill": "version", "script": script})
    assert killed.status == 200
    edge.visit(script)
    assert cpu_seconds() >= before


def test_cpu_time_is_summed_over_the_processes_of_a_version() -> None:
    sums = CpuSums()
    sums.note([("a", 1, 2.0), ("b", 2, 1.0)])
    sums.note([("a", 3, 0.5), ("b", 2, 1.5)])
    sums.note([("a", 3, 0.75), ("a", 4, 0.25)])
    assert sums.seconds() == {"a": 3.0, "b": 1.5}
