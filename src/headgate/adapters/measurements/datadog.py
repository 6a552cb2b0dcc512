"""Datadog: counts by interval, from its query API.

The API: https://docs.datadoghq.com/api/latest/metrics/query-timeseries-points/, counts and intervals:
https://docs.datadoghq.com/metrics/custom_metrics/type_modifiers/ and
https://docs.datadoghq.com/dashboards/functions/rollup/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.adapters.measurements.asking import Monitoring, secret
from headgate.adapters.measurements.counting import NotUnderstood, amount, refusal
from headgate.adapters.measurements.series import Grown
from headgate.domain.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from headgate.adapters.http_client.client import HttpClient
    from headgate.adapters.measurements.series import Growth, Labels
    from headgate.domain.rollout.sources import DatadogSettings

DELAY_SECONDS = 120.0
TIMEOUT_SECONDS = 15.0
_PATH = "/api/v1/query"


class Datadog:
    """A `Backend`. Queries are counts (`.as_count()`), added up by intervals of `step_seconds`."""

    name = "Datadog"

    def __init__(
        self,
        settings: DatadogSettings,
        http: HttpClient,
        environment: Mapping[str, str],
        *,
        url: str = "",
    ) -> None:
        self._settings = settings
        headers = {
            "DD-API-KEY": secret(environment, settings.api_key_env, "Datadog's API key"),
            "DD-APPLICATION-KEY": secret(environment, settings.app_key_env, "Datadog's application key"),
        }
        self._api = Monitoring(
            self.name, url or f"https://api.{settings.site}", headers, http, timeout_seconds=TIMEOUT_SECONDS
        )

    def growth(self, query: str, since: datetime, until: datetime) -> Growth:
        begin, end = int(since.timestamp()), int(until.timestamp())
        whole = rolled_up(query, self._settings.step_seconds)
        settings = self._settings
        remedy = (
            f"Check the keys in {settings.api_key_env} and {settings.app_key_env} (with the right "
            f"timeseries_query), and the site: {settings.site}."
        )
        answer = self._api.get(_PATH, {"query": whole, "from": begin, "to": end}, remedy=remedy)
        if answer.get("status") != "ok" or answer.get("error"):
            raise PlatformError(f"Datadog failed: {str(answer.get('error', ''))[:300]}.", where=query)
        try:
            return growth_of(answer["series"], begin, end, settings.step_seconds)
        except NotUnderstood as error:
            raise refusal(error, self.name, where=whole) from error
        except (KeyError, TypeError, ValueError) as error:
            raise PlatformError("Datadog's answer is not as documented.", where=whole) from error


def rolled_up(query: str, step_seconds: int) -> str:
    """The query, added up by the interval. Raises NotUnderstood for one that is not of counts."""
    if ".as_count()" not in query or ".as_rate()" in query or ".rollup(" in query:
        raise NotUnderstood("the query has to be of counts: with `.as_count()`, without `.rollup(...)`")
    return query.replace(".as_count()", f".as_count().rollup(sum, {step_seconds})")


def growth_of(series: object, begin: int, end: int, step_seconds: int) -> dict[Labels, list[Grown]]:
    """Counts by interval, of whole intervals from `begin` up to `end` (seconds). Raises NotUnderstood."""
    if not isinstance(series, list):
        raise NotUnderstood("its series are no list")
    found: dict[Labels, list[Grown]] = {}
    for one in series:
        labels = _labels(one)
        if labels in found:
            raise NotUnderstood("two series have the same tags; group one query by one tag")
        if one.get("interval", step_seconds) != step_seconds:
            raise NotUnderstood(
                f"its intervals are {one['interval']} s and not {step_seconds} s; set `step_seconds` to that"
            )
        found[labels] = _points(one, begin, end, step_seconds)
    return found


def _points(series: Mapping[str, Any], begin: int, end: int, step_seconds: int) -> list[Grown]:
    """Without those of which Datadog knows nothing; a later answer for the same interval is the same one."""
    points: dict[float, float] = {}
    for at_ms, value in series["pointlist"]:
        at = float(at_ms) / 1000
        if value is None or not begin <= at <= end - step_seconds:
            continue
        count = amount(value, "a count")
        if points.get(at, count) != count:
            raise NotUnderstood("an interval came twice, with different counts")
        points[at] = count
    return [Grown(at, points[at]) for at in sorted(points)]


def _labels(series: Mapping[str, Any]) -> Labels:
    pairs = (str(tag).partition(":") for tag in series.get("tag_set") or ())
    return frozenset((name, value) for name, _, value in pairs)
