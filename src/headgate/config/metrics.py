"""`[metrics]` of headgate.toml: into settings, and what does not fit together there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headgate.domain.rollout.sources import (
    DATADOG,
    LOCAL_EDGE,
    PROMETHEUS,
    CustomMetric,
    DatadogSettings,
    MetricsSettings,
    PrometheusSettings,
    Queries,
)

Table = Mapping[str, Any]
SYSTEMS = (PROMETHEUS, DATADOG)
"""Sources that answer queries."""


def metrics_of(table: Table) -> MetricsSettings:
    """The settings; a custom metric that names no source is asked of the main one."""
    source = table.get("source", "")
    known = {key: table[key] for key in ("source", "delay_seconds", "probes_per_reading") if key in table}
    custom = tuple(CustomMetric(**{"source": source, **metric}) for metric in table.get("custom", ()))
    return MetricsSettings(
        **known,
        prometheus=PrometheusSettings(**_with_queries(table.get(PROMETHEUS, {}))),
        datadog=DatadogSettings(**_with_queries(table.get(DATADOG, {}))),
        custom=custom,
    )


def misfits(document: Table) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """What does not fit together: at which key, what is wrong, and the remedy."""
    table = document.get("metrics", {})
    source = table.get("source", "")
    if source == LOCAL_EDGE and not document["platform"].get("local_edge"):
        yield (
            ("metrics", "source"),
            "The platform is no local edge, and `source` is `local-edge`.",
            "Take `source` out, or name another.",
        )
    if source in SYSTEMS and not table.get(source, {}).get("requests"):
        yield (
            ("metrics", "source"),
            f"`[metrics.{source}]` has no query for `requests`.",
            f'Add `requests = "..."` under `[metrics.{source}]`.',
        )
    yield from _custom(table, source)


def _custom(table: Table, source: str) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    systems = {metric.get("source", source) for metric in table.get("custom", ())} | {source}
    if PROMETHEUS in systems and not table.get(PROMETHEUS, {}).get("url"):
        yield (
            ("metrics",),
            "Nothing says where Prometheus is.",
            'Add `url = "https://..."` under `[metrics.prometheus]`.',
        )
    names = [metric["name"] for metric in table.get("custom", ())]
    for number, metric in enumerate(table.get("custom", ())):
        at = ("metrics", "custom", number)
        if metric.get("source", source) not in SYSTEMS:
            yield (
                (*at, "name"),
                f"Nothing says which system answers the queries of `{metric['name']}`.",
                f"Add `source`: {' or '.join(SYSTEMS)}.",
            )
        if metric["name"] in names[:number]:
            yield (
                (*at, "name"),
                f"Two metrics are named `{metric['name']}`.",
                "Give each its own name.",
            )
        if metric["name"] in ("errors", "latency", "objective"):
            yield (
                (*at, "name"),
                f"`{metric['name']}` is the name of a metric that there is anyway.",
                "Choose another.",
            )


def _with_queries(table: Table) -> dict[str, Any]:
    queries = {key: value for key, value in table.items() if key in Queries._fields}
    return {
        **{key: value for key, value in table.items() if key not in queries},
        "queries": Queries(**queries),
    }
