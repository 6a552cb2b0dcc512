"""`[metrics]` in headgate.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headgate.config import load
from headgate.domain.rollout.sources import (
    CustomMetric,
    DatadogSettings,
    MetricsSettings,
    PrometheusSettings,
    Queries,
)
from tests.unit.config.project import SMALLEST, refused, told, write

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = """
[metrics]
source = "prometheus"
delay_seconds = 45

[metrics.prometheus]
url = "https://prometheus.example.com"
requests = 'sum by (instance, code) (http_requests_total{version="{version}"})'
latency = 'sum by (instance, le) (http_request_duration_ms_bucket{version="{version}"})'
latency_unit = "milliseconds"
status_label = "code"
token_env = "PROMETHEUS_TOKEN"
step_seconds = 15

[metrics.datadog]
site = "datadoghq.eu"

[[metrics.custom]]
name = "conversions"
query = "sum:conversions{version:{version}}.as_count()"
per = "sum:checkouts{version:{version}}.as_count()"
direction = "more-is-better"
margin_percent = 2
source = "datadog"

[[metrics.custom]]
name = "empty carts"
query = "a"
per = "b"
"""


def test_everything_set(tmp_path: Path) -> None:
    queries = Queries(
        'sum by (instance, code) (http_requests_total{version="{version}"})',
        "",
        'sum by (instance, le) (http_request_duration_ms_bucket{version="{version}"})',
        "milliseconds",
        "code",
    )
    first = CustomMetric(
        "conversions",
        "sum:conversions{version:{version}}.as_count()",
        "sum:checkouts{version:{version}}.as_count()",
        "more-is-better",
        2,
        "datadog",
    )
    assert load(write(tmp_path, SMALLEST + EVERYTHING)).metrics == MetricsSettings(
        "prometheus",
        45,
        prometheus=PrometheusSettings(
            "https://prometheus.example.com", queries, "PROMETHEUS_TOKEN", step_seconds=15
        ),
        datadog=DatadogSettings("datadoghq.eu"),
        custom=(first, CustomMetric("empty carts", "a", "b", source="prometheus")),
    )


def test_without_a_source_it_is_the_edges_counters_or_the_live_tail() -> None:
    assert MetricsSettings().chosen(on_local_edge=True) == "local-edge"
    assert MetricsSettings().chosen(on_local_edge=False) == "cloudflare-tail"
    assert MetricsSettings("probes").chosen(on_local_edge=True) == "probes"


CUSTOM = "[[metrics.custom]]\nname = '{}'\nquery = 'a'\nper = 'b'\n"


@pytest.mark.parametrize(
    ("added", "what", "remedy"),
    [
        ("[metrics]\nsource = 'graphite'", "`source` must be one of `local-edge`", "Example"),
        ("[metrics]\nsource = 'datadog'", "`[metrics.datadog]` has no query for `requests`", "requests ="),
        (
            "[metrics]\nsource = 'prometheus'\n[metrics.prometheus]\nrequests = 'x'",
            "Nothing says where Prometheus is",
            "url =",
        ),
        (
            "[metrics.prometheus]\nurl = 'http://prometheus.example.com'",
            "unencrypted",
            "Use `https://`",
        ),
        (CUSTOM.format("conversions"), "which system answers the queries of `conversions`", "Add `source`"),
        (
            (CUSTOM + "source = 'datadog'\n").format("errors"),
            "`errors` is the name of a metric that there is anyway",
            "Choose another",
        ),
        (
            2 * (CUSTOM + "source = 'datadog'\n").format("a"),
            "Two metrics are named `a`",
            "its own name",
        ),
        ("[metrics.datadog]\napi_key_env = 'a b'", "`api_key_env` is not written", "Example"),
        (11 * (CUSTOM + "source = 'datadog'\n").format("a"), "must not hold more than 10", ""),
        ((CUSTOM + "source = 'datadog'\n").format(61 * "a"), "must not be longer than 60", ""),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, added: str, what: str, remedy: str) -> None:
    mistakes = told(refused(write(tmp_path, f"{SMALLEST}\n{added}\n")))

    assert len(mistakes) == 1
    assert what in mistakes[0][1]
    assert remedy in mistakes[0][2]


def test_the_counters_of_a_local_edge_are_there_only(tmp_path: Path) -> None:
    text = SMALLEST.replace('local_edge = ".headgate/edge"', 'account_id = "acc"')
    ((_, what, _),) = told(refused(write(tmp_path, text + "[metrics]\nsource = 'local-edge'\n")))
    assert "The platform is no local edge" in what
