"""Where measurements come from, as a user sets it. Named tuples, because a rollback waits for them too."""

from __future__ import annotations

from typing import NamedTuple

LOCAL_EDGE, ANALYTICS, TAIL = "local-edge", "cloudflare-analytics", "cloudflare-tail"
PROMETHEUS, DATADOG, PROBES = "prometheus", "datadog", "probes"
MORE_IS_WORSE, MORE_IS_BETTER = "more-is-worse", "more-is-better"


class Queries(NamedTuple):
    """What is asked of a monitoring system; `{script}` and `{version}` stand for the Worker and its version.

    Without `errors`, the label `status_label` of the requests tells them. `latency` gives cumulative buckets
    by the label `le`, in seconds or milliseconds.
    """

    requests: str = ""
    errors: str = ""
    latency: str = ""
    latency_unit: str = "seconds"
    status_label: str = "status"


class PrometheusSettings(NamedTuple):
    """`token_env` names the variable that holds a bearer token, or, with a `username`, a password."""

    url: str = ""
    queries: Queries = Queries()
    token_env: str = ""
    username: str = ""
    tenant: str = ""
    step_seconds: int = 10


class DatadogSettings(NamedTuple):
    """`site` is one of Datadog's, such as `datadoghq.eu`; the keys are in environment variables."""

    site: str = "datadoghq.com"
    queries: Queries = Queries()
    api_key_env: str = "DD_API_KEY"
    app_key_env: str = "DD_APP_KEY"
    step_seconds: int = 20


class CustomMetric(NamedTuple):
    """`query` counts what the metric is about (conversions), `per` out of how many (checkouts).

    `margin_percent` is how many percentage points worse a version may be and still be promoted.
    """

    name: str
    query: str
    per: str
    direction: str = MORE_IS_WORSE
    margin_percent: float = 1.0
    source: str = ""


class MetricsSettings(NamedTuple):
    """An empty `source` is the local edge's counters there, and the live tail on an account.

    `delay_seconds` is how old data must be to be complete; None takes the source's own default.
    """

    source: str = ""
    delay_seconds: float | None = None
    probes_per_reading: int = 10
    prometheus: PrometheusSettings = PrometheusSettings()
    datadog: DatadogSettings = DatadogSettings()
    custom: tuple[CustomMetric, ...] = ()

    def chosen(self, *, on_local_edge: bool) -> str:
        """The source that is used."""
        return self.source or (LOCAL_EDGE if on_local_edge else TAIL)
