"""A plain threshold: the new version against the old one and against fixed limits.

It decides on everything counted since the switch. A sequential test with a bounded false-alarm rate takes
its place later; whoever calls it only knows `judge`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.judge import Answer, Judgement, Looked

if TYPE_CHECKING:
    from headgate.domain.settings import WatchRules
    from headgate.domain.traffic import Counters


GAP_SECONDS_MIN = 2.0
"""A time without counters that is shorter is not worth a word: samples come a little late."""
BASELINE_ERRORS_PERCENT_MAX = 20.0
"""With more errors than that the version before is not compared with."""


def judge(rules: WatchRules, *, new: Counters | None, old: Counters | None, looked: Looked) -> Judgement:
    """Say promote, hold or roll back.

    `new` is what was counted for the new version since the switch, None where the counters could not be
    read. `old` is what was counted for the version before, as a baseline; None on a first release.
    """
    if new is None:
        return _without_evidence(rules, looked.blind_seconds, "the counters could not be read")
    if new.requests < rules.min_requests:
        seen = f"{new.requests} requests so far, {rules.min_requests} are needed"
        return _without_evidence(rules, looked.elapsed_seconds, seen)
    baseline = old if old is not None and _is_fit(old) else None
    breach = _error_breach(rules, new, baseline) or _latency_breach(rules, new, baseline)
    if breach:
        return Judgement(Answer.ROLLBACK, breach)
    if looked.observed_seconds < rules.duration_seconds:
        seen = f"healthy for {looked.observed_seconds:.0f} of {rules.duration_seconds:.0f} s"
        return Judgement(Answer.HOLD, seen)
    return Judgement(Answer.PROMOTE, _healthy(new, looked))


def _is_fit(old: Counters) -> bool:
    """A version that fails all the time is no measure: being as bad must not be good enough."""
    return (old.error_rate_percent or 0.0) <= BASELINE_ERRORS_PERCENT_MAX


def _without_evidence(rules: WatchRules, seconds: float, what: str) -> Judgement:
    if seconds < rules.give_up_seconds:
        return Judgement(Answer.HOLD, f"no verdict yet: {what}")
    return Judgement(Answer.ROLLBACK, f"no evidence that the new version works for {seconds:.0f} s: {what}")


def _error_breach(rules: WatchRules, new: Counters, old: Counters | None) -> str:
    rate = new.error_rate_percent or 0.0
    before = (old.error_rate_percent if old else None) or 0.0
    limit = before + rules.max_error_rate_increase_percent
    if rate <= limit:
        return ""
    seen = f"error rate {rate:.2f} % of {new.requests} requests"
    return f"{seen}, {before:.2f} % before; the limit is {limit:.2f} %"


def _latency_breach(rules: WatchRules, new: Counters, old: Counters | None) -> str:
    p95, before = new.latency_ms(0.95), old.latency_ms(0.95) if old else None
    if p95 is None or before is None or old is None or old.requests < rules.min_requests:
        return ""
    limit = max(before * rules.max_latency_p95_ratio, before + rules.min_latency_increase_ms)
    if p95 <= limit:
        return ""
    return f"latency p95 {p95:.0f} ms, {before:.0f} ms before; the limit is {limit:.0f} ms"


def _healthy(new: Counters, looked: Looked) -> str:
    rate = new.error_rate_percent or 0.0
    unseen = looked.elapsed_seconds - looked.observed_seconds
    gap = f", {unseen:.0f} s of {looked.elapsed_seconds:.0f} s not seen" if unseen >= GAP_SECONDS_MIN else ""
    return (
        f"healthy for {looked.observed_seconds:.0f} s: {new.requests} requests, error rate {rate:.2f} %{gap}"
    )
