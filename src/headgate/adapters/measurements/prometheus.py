"""Prometheus, or what speaks its API (Mimir, Thanos, VictoriaMetrics): range queries of running counters.

The API: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from headgate.adapters.measurements.asking import Monitoring, secret
from headgate.adapters.measurements.counting import NotUnderstood, amount, refusal
from headgate.adapters.measurements.series import growth_of_counter
from headgate.domain.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from headgate.adapters.http_client.client import HttpClient
    from headgate.adapters.measurements.series import Grown, Growth, Labels
    from headgate.domain.rollout.sources import PrometheusSettings

DELAY_SECONDS = 30.0
"""Scraped every 15 s by default, and some scrapes are late."""
LOOK_BACK = timedelta(minutes=10)
"""A counter that has no value in so long before is taken to be new."""
TIMEOUT_SECONDS = 10.0
_PATH = "/api/v1/query_range"


class Prometheus:
    """A `Backend`. Queries give running counters, on a grid of `step_seconds`."""

    name = "Prometheus"

    def __init__(
        self, settings: PrometheusSettings, http: HttpClient, environment: Mapping[str, str]
    ) -> None:
        self._step_seconds = settings.step_seconds
        self._settings = settings
        self._api = Monitoring(
            self.name,
            settings.url.rstrip("/"),
            _headers(settings, environment),
            http,
            timeout_seconds=TIMEOUT_SECONDS,
        )

    def growth(self, query: str, since: datetime, until: datetime) -> Growth:
        asked: dict[str, str | int] = {
            "query": query,
            "start": int((since - LOOK_BACK).timestamp()),
            "end": int(until.timestamp()),
            "step": self._step_seconds,
        }
        remedy = f"Check the token in {self._settings.token_env or 'token_env, which is not set'}."
        answer = self._api.get(_PATH, asked, remedy=remedy)
        if answer.get("status") != "success":
            raise PlatformError(f"Prometheus failed: {str(answer.get('error', ''))[:300]}.", where=query)
        if answer.get("warnings"):
            # What is missing could be the errors.
            told = "; ".join(str(warning) for warning in answer["warnings"])[:300]
            raise PlatformError(f"Prometheus answered in part only: {told}.", where=query)
        try:
            return growth_of(answer["data"], since.timestamp())
        except NotUnderstood as error:
            raise refusal(error, self.name, where=query) from error
        except (KeyError, TypeError, ValueError) as error:
            raise PlatformError("Prometheus' answer is not as documented.", where=query) from error


def growth_of(data: Mapping[str, Any], since: float) -> dict[Labels, list[Grown]]:
    """The growth of every series of a matrix. Raises NotUnderstood."""
    if data["resultType"] != "matrix":
        raise NotUnderstood(f"it is a {data['resultType']}, and not a matrix")
    found: dict[Labels, list[Grown]] = {}
    for series in data["result"]:
        labels = frozenset((str(name), str(value)) for name, value in series["metric"].items())
        if labels in found:
            raise NotUnderstood("two series have the same labels")
        found[labels] = growth_of_counter(_points(series), since)
    return found


def _points(series: Mapping[str, Any]) -> Sequence[tuple[float, float]]:
    if "values" not in series:
        raise NotUnderstood("a series has no values; native histograms cannot be used, buckets by `le` can")
    return [(float(at), amount(value, "a counter")) for at, value in series["values"]]


def _headers(settings: PrometheusSettings, environment: Mapping[str, str]) -> dict[str, str]:
    headers = {"X-Scope-OrgID": settings.tenant} if settings.tenant else {}
    if settings.token_env:
        token = secret(environment, settings.token_env, "the token for Prometheus")
        pair = base64.b64encode(f"{settings.username}:{token}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}" if settings.username else f"Bearer {token}"
    return headers
