"""What the report says of stages and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.domain.change import Phase
from headgate.domain.judge import ROLLED_BACK
from headgate.domain.looks.look import last_look
from headgate.domain.report.model import EvidenceFigures, StageFigures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headgate.domain.record import ChangeRecord

_BACK = (Phase.UNDOING, Phase.ROLLED_BACK)


def stages_of(record: ChangeRecord) -> tuple[StageFigures, ...]:
    """Each watch of a release in stages, oldest first; nothing of one without stages."""
    if not record.watch_starts or not any(step.stage for step in record.steps.values()):
        return ()
    watches = list(record.watches())
    return tuple(
        _stage(record, watch, samples, following=[later["stage"] for later, _, _ in watches[number + 1 :]])
        for number, (watch, _, samples) in enumerate(watches)
    )


def evidence_of(record: ChangeRecord) -> tuple[EvidenceFigures, ...]:
    """The evidence at the last look: what has something to say."""
    look = last_look(record)
    return tuple(
        EvidenceFigures(
            metric=one.metric,
            side=one.side.value,
            odds=one.odds,
            limit=one.limit_odds,
            enough=one.is_enough,
            seen=one.seen if one.way > 0 else "",
        )
        for one in (look.evidence if look else ())
        if one.way > 0 or one.metric in ("errors", "latency")
    )


def _stage(
    record: ChangeRecord, watch: Mapping[str, Any], samples: Sequence[Mapping[str, Any]], following: list[str]
) -> StageFigures:
    last: Mapping[str, Any] = samples[-1] if samples else {}
    ending, why = _ending(record, watch["stage"], last, following)
    return StageFigures(
        share_percent=float(watch["share_percent"]),
        seconds=float(last.get("watched_seconds", 0.0)),
        new_requests=_requests(last.get("new")),
        old_requests=_requests(last.get("old")),
        ending=ending,
        why=why.removeprefix(ROLLED_BACK),
    )


def _ending(
    record: ChangeRecord, stage: str, last: Mapping[str, Any], following: list[str]
) -> tuple[str, str]:
    seen = str(last.get("why") or "nothing was looked at")
    if stage in following:
        return "weighed anew", seen
    if stage in record.passed:
        return "passed", record.passed[stage]
    if record.phase in _BACK and not following:
        return ("rolled back" if record.automatic else "left"), record.verdict
    if record.phase in (Phase.RUNNING, Phase.VERIFIED):
        return "running", seen
    return "passed", record.verdict or seen


def _requests(shown: Mapping[str, Any] | None) -> int:
    return int(shown["requests"]) if shown else 0
