"""Small servers that answer as Prometheus and Datadog do, about events that a test has told them.

Formats: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries and
https://docs.datadoghq.com/api/latest/metrics/query-timeseries-points/.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.fakes.fixed_clock import FixedClock

LOOK_BACK_SECONDS = 300
EDGES_SECONDS = (0.05, 0.1, 1.0)


@dataclass(frozen=True)
class Served:
    """One request, at a second since 1970."""

    at: float
    version: str
    status: int
    seconds: float
    instance: str = "a"


@dataclass
class Monitored:
    """What happened, and how the system is to behave: `answer` stands in for the next ones if it is set."""

    clock: FixedClock
    served: list[Served] = field(default_factory=list)
    restarts: list[tuple[float, str]] = field(default_factory=list)
    answer: tuple[int, Any] | None = None
    asked: list[Mapping[str, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def serve(self, version: str, *statuses: int, seconds: float = 0.01, instance: str = "a") -> None:
        """Requests, now."""
        now = self.clock.now().timestamp()
        self.served += [Served(now, version, status, seconds, instance) for status in statuses]

    def restart(self, instance: str) -> None:
        """An instance's counters begin anew, now."""
        self.restarts.append((self.clock.now().timestamp(), instance))


def prometheus(monitored: Monitored, asked: Mapping[str, str]) -> dict[str, Any]:
    """The answer of `/api/v1/query_range`; the query is `requests{version="..."}` or `latency{...}`."""
    begin, end, step = (float(asked[name]) for name in ("start", "end", "step"))
    points: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
    at = begin
    while at <= end:
        for labels, value in _counted(monitored, asked["query"], at).items():
            points.setdefault(labels, []).append([at, str(value)])
        at += step
    result = [{"metric": dict(labels), "values": values} for labels, values in points.items()]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def _counted(monitored: Monitored, query: str, at: float) -> Counter[tuple[tuple[str, str], ...]]:
    version = _version(query)
    begun = {instance: when for when, instance in monitored.restarts if when <= at}
    found: Counter[tuple[tuple[str, str], ...]] = Counter()
    for one in monitored.served:
        if one.version != version or not begun.get(one.instance, 0.0) <= one.at <= at:
            continue
        if query.startswith("latency"):
            for edge in (*map(str, EDGES_SECONDS), "+Inf"):
                hit = edge == "+Inf" or one.seconds <= float(edge)
                found[("instance", one.instance), ("le", edge)] += hit
        elif not query.startswith("errors") or one.status >= 500:
            found[("instance", one.instance), ("status", str(one.status))] += 1
    return found


def datadog(monitored: Monitored, asked: Mapping[str, str]) -> dict[str, Any]:
    """The answer of `/api/v1/query`, for a query of counts with `.rollup(sum, N)`."""
    begin, end = int(asked["from"]), int(asked["to"])
    step = int(_part(r"\.rollup\(sum, (\d+)\)", asked["query"]))
    version = _version(asked["query"])
    counts: dict[int, Counter[int]] = {}
    for one in monitored.served:
        if one.version == version and begin <= one.at <= end:
            counts.setdefault(one.status, Counter())[int(one.at // step * step)] += 1
    series = [
        {
            "metric": "worker.requests",
            "tag_set": [f"status:{status}"],
            "interval": step,
            "pointlist": [[1000.0 * at, float(count)] for at, count in sorted(by_time.items())],
        }
        for status, by_time in counts.items()
    ]
    return {"status": "ok", "res_type": "time_series", "series": series, "error": ""}


def _version(query: str) -> str:
    return _part(r'version[=:]"?([A-Za-z0-9-]+)', query)


def _part(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]


@contextmanager
def monitoring_server(monitored: Monitored) -> Iterator[str]:
    """Serve both; the address without a slash at the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            monitored.asked.append(asked)
            monitored.headers.append({name.lower(): value for name, value in self.headers.items()})
            system = prometheus if parts.path.endswith("/query_range") else datadog
            status, body = monitored.answer or (200, system(monitored, asked))
            self._send(status, body if isinstance(body, bytes) else json.dumps(body).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
