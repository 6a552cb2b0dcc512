"""Figures as people read them. What was not measured says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.report.ending import Ending

if TYPE_CHECKING:
    from headgate.domain.report.model import (
        Act,
        EvidenceFigures,
        Metrics,
        PreCheck,
        Report,
        StageFigures,
        VersionFigures,
    )

NOT_MEASURED = "not measured"


def seconds(value: float | None) -> str:
    """`4.23s`; one decimal from ten on."""
    if value is None:
        return NOT_MEASURED
    return f"{value:.2f}s" if value < 10 else f"{value:.1f}s"


def percent(value: float | None) -> str:
    """`0.25%`."""
    return NOT_MEASURED if value is None else f"{value:.2f}%"


def milliseconds(value: float | None) -> str:
    """`12ms`; one decimal below ten."""
    if value is None:
        return NOT_MEASURED
    return f"{value:.1f}ms" if value < 10 else f"{value:.0f}ms"


def deploy_time(report: Report) -> str:
    """Until the traffic was switched, and in all."""
    metrics = report.metrics
    parts = [_switched(report)]
    if metrics.back_seconds is not None:
        parts.append(f"{seconds(metrics.back_seconds)} from the decision to go back until {_back(report)}")
    if metrics.total_seconds is not None:
        parts.append(f"{seconds(metrics.total_seconds)} in all")
    if metrics.build_seconds is not None:
        parts.append(f"plus a build of {seconds(metrics.build_seconds)} before the proposal")
    return ", ".join(parts)


def _switched(report: Report) -> str:
    took = report.metrics.switched_seconds
    if took is not None:
        what = "the new Worker serving" if report.about.first_release else "traffic switched"
        return f"{seconds(took)} from proposal to {what}"
    if report.metrics.stages:
        return f"{NOT_MEASURED} (not all of the traffic was switched)"
    if report.metrics.back_seconds is not None and not report.about.first_release:
        return f"{NOT_MEASURED} (the switch was begun, and did not end well)"
    return f"{NOT_MEASURED} (the traffic was not switched)"


def _back(report: Report) -> str:
    if report.about.ending is Ending.WITHDRAWN:
        return "the Worker was taken away"
    # Whether a switch that failed had moved anything is not known; its undo saw how the traffic is.
    return (
        "the traffic was back" if report.metrics.switched_seconds is not None else "the traffic was as before"
    )


def error_rate(metrics: Metrics) -> str:
    """The new version's, with the old one's beside it."""
    if metrics.new is None:
        return NOT_MEASURED
    of = f" of {metrics.new.requests:,} requests" if metrics.new.requests else ""
    return f"{percent(metrics.new.error_rate_percent)}{of}{_before(metrics.old, error_rate=True)}"


def latency_p95(metrics: Metrics) -> str:
    """The new version's, with the old one's beside it."""
    if metrics.new is None:
        return NOT_MEASURED
    return f"{milliseconds(metrics.new.p95_ms)}{_before(metrics.old, error_rate=False)}"


def weighed(metrics: Metrics) -> list[tuple[str, str]]:
    """What was weighed, by name: each stage, and the evidence in the end. Nothing of an older watch."""
    lines = [(f"Stage {stage.share_percent:g} %", _stage(stage)) for stage in metrics.stages]
    for side, name in (("rollback", "Evidence against"), ("promote", "Evidence for")):
        told = [_odds(one) for one in metrics.evidence if one.side == side]
        lines += [(name, "; ".join(told))] if told else []
    return lines


def _stage(stage: StageFigures) -> str:
    counted = f"{stage.new_requests:,} requests to the new version, {stage.old_requests:,} to the one before"
    return f"{seconds(stage.seconds)}, {counted}; {stage.ending}: {stage.why}"


def _odds(one: EvidenceFigures) -> str:
    seen = f" ({one.seen})" if one.seen else ""
    return f"{one.metric} {one.odds}, {'enough' if one.enough else f'acts at {one.limit}'}{seen}"


def rollback_ready(metrics: Metrics) -> str:
    """YES only if it was checked."""
    return f"{'YES' if metrics.rollback_ready else 'NO'} ({metrics.rollback_checked or 'not checked'})"


def pre_check(check: PreCheck) -> str:
    """`PASS (214 tests passed)`."""
    return f"{check.word} ({check.details})" if check.details else check.word


def act(done: Act) -> str:
    """`upload to staging: done in 0.5s`."""
    took = "" if done.seconds is None else f" in {seconds(done.seconds)}"
    return f"{done.title}: {done.result}{took}"


def _before(old: VersionFigures | None, *, error_rate: bool) -> str:
    if old is None or not old.requests:
        return ""
    return f" (before: {percent(old.error_rate_percent) if error_rate else milliseconds(old.p95_ms)})"
