"""The judge's rules, as a change's journal keeps them: a decision is replayed with the rules of its day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headgate.domain.judge.rollback import ERRORS, LATENCY
from headgate.domain.judge.rules import JudgeRules

if TYPE_CHECKING:
    from collections.abc import Mapping


def rules_of(judge: Mapping[str, Any], custom: Mapping[str, Mapping[str, Any]] | None = None) -> JudgeRules:
    """From the settings as WATCH_STARTED has them, and the user's own metrics as the mark has them."""
    own = custom or {}
    objective = judge["objective_error_percent"] / 100
    ratio = judge["tolerated_ratio"]
    return JudgeRules(
        errors=replace(ERRORS, alpha=judge["errors_alpha"], ratio=ratio),
        latency=replace(LATENCY, alpha=judge["latency_alpha"], ratio=ratio),
        objective=objective or None,
        custom=tuple(own),
        custom_margins={name: one["margin_percent"] / 100 for name, one in own.items()},
        grace_seconds=judge["grace_seconds"],
        slower_ratio=judge["alone_latency_ratio"],
        slower_ms=judge["alone_latency_increase_ms"],
    )
