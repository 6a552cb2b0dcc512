"""Metrics that a user defines by two queries, added to the readings of whatever source there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.adapters.measurements.counting import NotUnderstood
from headgate.adapters.measurements.series import total
from headgate.domain.errors import HeadgateError
from headgate.domain.rollout.reading import CUSTOM, Reading, Trials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from headgate.adapters.measurements.queried import QueriedSource
    from headgate.domain.rollout.reading import Mark
    from headgate.domain.rollout.sources import CustomMetric
    from headgate.ports import MetricSource

MARKS = "custom_marks"
"""Key of a mark: the mark of each system that is asked."""


class WithCustom:
    """A source, and metrics each of which is asked of a monitoring system.

    A metric that cannot be read is missing in the reading, which says why: so the rest can still find the new
    version bad, and nothing can find it good.
    """

    def __init__(
        self, source: MetricSource, metrics: Sequence[CustomMetric], systems: Mapping[str, QueriedSource]
    ) -> None:
        """`systems` has the system of every metric's `source`."""
        self._source = source
        self._metrics = metrics
        self._systems = systems

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        marks = {name: dict(system.mark(versions)) for name, system in self._systems.items()}
        own = {
            metric.name: {"direction": metric.direction, "margin_percent": metric.margin_percent}
            for metric in self._metrics
        }
        return {**self._source.begin(script, versions), CUSTOM: own, MARKS: marks}

    def since(self, script: str, mark: Mark) -> Reading:
        reading = self._source.since(script, mark)
        custom: dict[str, Mapping[str, Trials]] = {}
        notes = list(reading.notes)
        for metric in self._metrics:
            try:
                custom[metric.name] = self._trials(metric, script, mark, reading.as_of)
            except HeadgateError as error:
                notes.append(f"{metric.name} could not be read: {error.what}")
            except NotUnderstood as error:
                notes.append(f"{metric.name} cannot be used: {error}")
        return Reading(reading.as_of, reading.counters, custom, tuple(notes), reading.epoch)

    def _trials(self, metric: CustomMetric, script: str, mark: Mark, as_of: datetime) -> dict[str, Trials]:
        system = self._systems[metric.source]
        own = mark.get(MARKS, {}).get(metric.source)
        if own is None:
            raise NotUnderstood("it was not among the metrics when the watch began")
        since, until = system.span(own)
        trials, hits = (
            {
                version: system.growth(template, script, version, since=since, until=until)
                for version in own["versions"]
            }
            for template in (metric.per, metric.query)
        )
        if not any(trials.values()):
            raise NotUnderstood("`per` returned nothing for any version")
        if not any(hits.values()):
            # A query with a mistake in it returns nothing, too.
            raise NotUnderstood(
                "`query` returned nothing for any version: let it answer 0 where there are none"
            )
        return {
            version: trials_of(total(trials[version]), total(hits[version])) for version in own["versions"]
        }


def trials_of(trials: int, hits: int) -> Trials:
    """Trials and hits. Raises NotUnderstood for more hits than trials."""
    if hits > trials:
        raise NotUnderstood(f"`query` counts {hits}, and `per` only {trials}")
    return Trials(trials, hits)
