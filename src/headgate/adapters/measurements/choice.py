"""Which source of measurements the settings ask for; only its own modules are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from headgate.domain.rollout.sources import ANALYTICS, DATADOG, LOCAL_EDGE, PROBES, PROMETHEUS, TAIL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headgate.adapters.cloudflare.access import Access
    from headgate.adapters.http_client.client import HttpClient
    from headgate.adapters.measurements.queried import QueriedSource
    from headgate.domain.rollout.sources import MetricsSettings
    from headgate.domain.settings import SmokeCheck
    from headgate.ports import CallLog, Clock, MetricSource, Prober

ANALYTICS_TIMEOUT_SECONDS = 15.0


class Chosen(NamedTuple):
    """The source; both functions take a Worker's name.

    `check` tells whether the source answers, or raises HeadgateError. `warm_up` is called a while before the
    source is needed, and returns at once.
    """

    source: MetricSource
    check: Callable[[str], str]
    warm_up: Callable[[str], None] = lambda _script: None


class _SilentCalls:
    """Calls of a tail are not noted: the address of one has the session's id in it, which is a secret."""

    def note(self, line: str) -> None:
        pass

    def take(self) -> list[str]:
        return []


class Means(NamedTuple):
    """What sources are built of. `access` and `address` are asked for only by the sources that need them."""

    settings: MetricsSettings
    access: Callable[[], Access]
    http: HttpClient
    calls: CallLog
    clock: Clock
    environment: Mapping[str, str]
    prober: Callable[[], Prober]
    checks: tuple[SmokeCheck, ...]
    address: Callable[[str], str]


def choose(means: Means, *, on_local_edge: bool) -> Chosen:
    """The source that the settings name. Raises ConfigError, and PlatformError without access."""
    chosen = _MAKERS[means.settings.chosen(on_local_edge=on_local_edge)](means)
    metrics = means.settings.custom
    if not metrics:
        return chosen
    from headgate.adapters.measurements.custom import WithCustom

    systems = {name: _SYSTEMS[name](means) for name in dict.fromkeys(metric.source for metric in metrics)}

    def check(script: str) -> str:
        return "; ".join([chosen.check(script), *(system.check(script) for system in systems.values())])

    return Chosen(WithCustom(chosen.source, metrics, systems), check, chosen.warm_up)


def _local_edge(means: Means) -> Chosen:
    from headgate.adapters.localedge import metrics_url
    from headgate.adapters.measurements.edge_counters import EdgeCounters

    source = EdgeCounters(metrics_url(means.access()), means.http, means.clock)

    def check(script: str) -> str:
        source.begin(script, ())
        return "the local edge's counters answer"

    return Chosen(source, check)


def _analytics(means: Means) -> Chosen:
    from headgate.adapters.cloudflare.graphql import GraphQlClient
    from headgate.adapters.measurements.cloudflare_analytics import DELAY_SECONDS, CloudflareAnalytics

    graphql = GraphQlClient(
        means.access(), means.http, calls=means.calls, timeout_seconds=ANALYTICS_TIMEOUT_SECONDS
    )
    source = CloudflareAnalytics(graphql, means.clock, delay_seconds=_delay(means, ANALYTICS, DELAY_SECONDS))
    return Chosen(source, source.check)


def _tail(means: Means) -> Chosen:
    from headgate.adapters.cloudflare.client import ApiClient
    from headgate.adapters.measurements.cloudflare_tail import DELAY_SECONDS, CloudflareTail

    api = ApiClient(means.access(), means.http, calls=_SilentCalls(), clock=means.clock)
    source = CloudflareTail(api, means.clock, delay_seconds=_delay(means, TAIL, DELAY_SECONDS))
    return Chosen(source, source.check, source.listen)


def _prometheus(means: Means) -> Chosen:
    source = _prometheus_system(means)
    return Chosen(source, source.check)


def _datadog(means: Means) -> Chosen:
    source = _datadog_system(means)
    return Chosen(source, source.check)


def _probes(means: Means) -> Chosen:
    from headgate.adapters.measurements.probes import ProbedVersions

    source = ProbedVersions(
        means.prober(),
        means.checks,
        means.address,
        means.clock,
        per_reading=means.settings.probes_per_reading,
    )
    return Chosen(source, source.check)


def _prometheus_system(means: Means) -> QueriedSource:
    from headgate.adapters.measurements.prometheus import DELAY_SECONDS, Prometheus
    from headgate.adapters.measurements.queried import QueriedSource

    settings = means.settings.prometheus
    return QueriedSource(
        PROMETHEUS,
        Prometheus(settings, means.http, means.environment),
        settings.queries,
        means.clock,
        step_seconds=settings.step_seconds,
        delay_seconds=_delay(means, PROMETHEUS, DELAY_SECONDS),
    )


def _datadog_system(means: Means) -> QueriedSource:
    from headgate.adapters.measurements.datadog import DELAY_SECONDS, Datadog
    from headgate.adapters.measurements.queried import QueriedSource

    settings = means.settings.datadog
    return QueriedSource(
        DATADOG,
        Datadog(settings, means.http, means.environment),
        settings.queries,
        means.clock,
        step_seconds=settings.step_seconds,
        delay_seconds=_delay(means, DATADOG, DELAY_SECONDS),
    )


def _delay(means: Means, source: str, default_seconds: float) -> float:
    """`delay_seconds` is of the main source; a system that is asked for custom metrics has its default."""
    set_seconds = means.settings.delay_seconds
    is_main = source == (means.settings.source or TAIL)
    return set_seconds if is_main and set_seconds is not None else default_seconds


_MAKERS: Mapping[str, Callable[[Means], Chosen]] = {
    LOCAL_EDGE: _local_edge,
    ANALYTICS: _analytics,
    TAIL: _tail,
    PROMETHEUS: _prometheus,
    DATADOG: _datadog,
    PROBES: _probes,
}
_SYSTEMS: Mapping[str, Callable[[Means], QueriedSource]] = {
    PROMETHEUS: _prometheus_system,
    DATADOG: _datadog_system,
}
