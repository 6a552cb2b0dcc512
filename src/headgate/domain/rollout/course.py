"""The judge of one change: fed look by look as it goes on, or from its journal; the answers are the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from headgate.domain.judge import Answer, Judgement
from headgate.domain.judge.alone import AloneJudge
from headgate.domain.judge.compared import ComparedJudge
from headgate.domain.judge.evidence import Evidence, Side
from headgate.domain.judge.interval import PROBES, USERS, Interval, Pair
from headgate.domain.judge.latency import edges_near
from headgate.domain.judge.verdict import Conditions, judge
from headgate.domain.rollout.figures import Probed, Seen, time_left_seconds
from headgate.domain.rollout.intervals import Counted, Refused, Versions, beginning, between
from headgate.domain.rollout.reading import Mark, Past, Reading, arms_of, custom_of, history_of
from headgate.domain.rollout.rules import rules_of
from headgate.domain.traffic import NOTHING_COUNTED, Counters, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headgate.domain.judge.counts import Arms


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a stage after a look. `overdue`: it is time to ask a person."""

    judgement: Judgement
    evidence: tuple[Evidence, ...]
    time_left_seconds: float | None
    overdue: bool


class Course:
    """All watches of a change, one after the other; the rollback test goes on over them."""

    def __init__(self) -> None:
        self._judge: ComparedJudge | AloneJudge | None = None
        self._first_at: datetime | None = None
        self._history: tuple[Past, ...] = ()
        self._requests = 0
        self._elapsed_seconds = 0.0

    def begin(self, watch: Mapping[str, Any], at: str) -> None:
        """A watch began: what WATCH_STARTED says, and when."""
        started = datetime.fromisoformat(at)
        if self._first_at is None:
            self._first_at, self._history = started, history_of(watch["mark"] or {})
        share = watch["share_percent"]
        compared = bool(watch["old_version"]) and share < 100
        old = watch["old_version"] if compared else ""
        self._watch, self._versions, self._seen = watch, Versions(watch["new_version"], old), Seen()
        self._mark(watch["mark"], started)
        if compared:
            self._begin_compared(watch)
        elif not isinstance(self._judge, AloneJudge):
            self._judge = self._alone(watch)

    def take(self, sample: Mapping[str, Any]) -> None:
        """A look was taken: what WATCH_SAMPLED says of it."""
        seen, waited = self._seen, sample["seconds"]
        seen.wait(waited)
        if sample.get("mark"):
            self._mark(sample["mark"], datetime.fromisoformat(sample["taken_at"]))
        probed = Probed.from_json(sample["probes"]) if sample["probes"] else None
        if probed:
            seen.probes.append(probed)
        taken_at = datetime.fromisoformat(sample["taken_at"])
        began_at = self._base.as_of
        counted = self._counted(sample, taken_at)
        if isinstance(counted, Refused):
            seen.blind, seen.nobody_came = counted.why, False
            strata = self._probe_stratum(probed)
            self._give(began_at, waited or 0.0, strata, {})
            seen.look(None, data=bool(probed) and not self._versions.baseline, waited=waited or 0.0)
            return
        seen.blind = ""
        strata = self._strata(counted, probed, began_at)
        self._give(began_at, counted.seconds, strata, self._custom(counted))
        came = self._users_came(counted, began_at)
        seen.nobody_came = not came
        data = came or (bool(probed) and not self._versions.baseline)
        seen.look(counted, data=data, waited=waited or 0.0)
        seen.rebase()
        seen.probes = [one for one in seen.probes if one.ended >= self._base.as_of]

    @property
    def wants_probes(self) -> bool:
        """Whether nobody else calls the versions."""
        return self._seen.nobody_came

    @property
    def watched_seconds(self) -> float:
        """How long this watch has gone on."""
        return self._seen.watched

    @property
    def versions(self) -> Versions:
        """Whose counts are wanted in this watch."""
        return self._versions

    def figures(self) -> tuple[Counters | None, Counters | None]:
        """What was counted for the new version in this watch, and for the one before: now, or in its past."""
        reading, old_version = self._seen.reading, self._watch["old_version"]
        new = reading.counters.get(self._versions.canary) if reading else None
        if self._versions.baseline:
            return new, reading.counters.get(old_version) if reading else None
        return new, self._past_of(old_version)

    def verdict(self) -> Verdict:
        """As it stands."""
        if self._judge is None:
            raise ValueError("a course says nothing before its first watch")
        watch, seen = self._watch, self._seen
        evidence = self._judge.evidence()
        if not watch["needs_proof"]:
            evidence = tuple(one for one in evidence if one.side is Side.ROLLBACK)
        conditions = Conditions(
            soaked_seconds=seen.soaked,
            soak_seconds=watch["soak_seconds"],
            elapsed_seconds=self._elapsed_seconds,
            requests=self._requests,
            breached_by_both=isinstance(self._judge, ComparedJudge) and self._judge.breached_by_both,
            blind=self._blind(),
            compared=isinstance(self._judge, ComparedJudge),
        )
        said = judge(evidence, conditions)
        left = self._time_left(evidence)
        late = seen.watched >= watch["soak_seconds"] + watch["ask_after_seconds"]
        overdue = said.answer is Answer.HOLD and (late or seen.quiet >= watch["ask_after_seconds"])
        return Verdict(said, evidence, left, overdue)

    # How

    def _mark(self, mark: Mark | None, at: datetime) -> None:
        epoch = str((mark or {}).get("epoch", ""))
        self._base, self._from_mark = beginning(at, self._versions, epoch=epoch), True
        self._seen.rebase()

    def _begin_compared(self, watch: Mapping[str, Any]) -> None:
        if not isinstance(self._judge, ComparedJudge):
            buckets = (self._past_of(watch["old_version"]) or NOTHING_COUNTED).buckets
            self._judge = ComparedJudge(
                rules_of(watch["judge"], custom_of(watch["mark"])), edges_near(buckets)
            )
            self._remember(self._judge, watch["old_version"])
        self._judge.begin_stage(watch["next_share_percent"])

    def _remember(self, compared: ComparedJudge, version: str) -> None:
        before = sum(past.seconds for past in self._history)
        for past in self._history:
            if version in past.counters:
                pair = Pair(NOTHING_COUNTED, past.counters[version])
                compared.remember(Interval(-before, past.seconds, {USERS: pair}))
            before -= past.seconds

    def _alone(self, watch: Mapping[str, Any]) -> AloneJudge:
        """A version gone back to is held against its own past: the one that was left is bad."""
        past = self._past_of(watch["old_version"] if watch["can_undo"] else watch["new_version"])
        edges = edges_near(past.buckets) if past else ()
        return AloneJudge(rules_of(watch["judge"]), past, edges)

    def _past_of(self, version: str) -> Counters | None:
        found = [past.counters[version] for past in self._history if version in past.counters]
        return total(found) if found else None

    def _counted(self, sample: Mapping[str, Any], taken_at: datetime) -> Counted | Refused:
        if sample["reading"] is None:
            return Refused(sample["unread"])
        reading = Reading.from_json(sample["reading"])
        found = between(
            self._base,
            reading,
            self._versions,
            taken_at=taken_at,
            watched_seconds=self._seen.gone_by,
            from_mark=self._from_mark,
        )
        if isinstance(found, Counted) or found.anew:
            self._base, self._seen.reading, self._from_mark = reading, reading, False
        if isinstance(found, Refused) and found.anew:
            self._seen.rebase()
        return found

    def _strata(self, counted: Counted, probed: Probed | None, began_at: datetime) -> dict[str, Pair]:
        """Users, unless requests of our own are among theirs: those are counted by themselves."""
        strata = self._probe_stratum(probed)
        if not self._overlapping(began_at):
            strata[USERS] = Pair(counted.canary, counted.baseline)
        return strata

    def _probe_stratum(self, probed: Probed | None) -> dict[str, Pair]:
        if probed is None:
            return {}
        canary, baseline = self._versions.canary, self._versions.baseline
        sent = {version: Counters(n, 0, errors, {}) for version, (n, errors) in probed.counts.items()}
        return {PROBES: Pair(sent.get(canary, NOTHING_COUNTED), sent.get(baseline, NOTHING_COUNTED))}

    def _overlapping(self, began_at: datetime) -> list[Probed]:
        """Probes that may be among what was counted up to the base."""
        ended_at = self._base.as_of
        return [one for one in self._seen.probes if one.begun <= ended_at and one.ended >= began_at]

    def _users_came(self, counted: Counted, began_at: datetime) -> bool:
        ours = self._overlapping(began_at)
        canary, baseline = self._versions.canary, self._versions.baseline
        mine = counted.canary.requests - sum(one.requests(canary) for one in ours)
        theirs = counted.baseline.requests - sum(one.requests(baseline) for one in ours)
        self._seen.users += max(mine, 0)
        return mine > 0 and (theirs > 0 or not baseline)

    def _custom(self, counted: Counted) -> dict[str, Arms]:
        canary, baseline = self._versions.canary, self._versions.baseline
        if not baseline:
            return {}
        known = custom_of(self._watch["mark"])
        return {
            name: arms_of(one[canary], one[baseline], known[name]["direction"])
            for name, one in counted.custom.items()
            if name in known
        }

    def _give(
        self, began_at: datetime, seconds: float, strata: dict[str, Pair], custom: Mapping[str, Arms]
    ) -> None:
        """Give the judge an interval, unless there is nothing in it."""
        if self._judge is None or self._first_at is None or not (strata or custom):
            return
        at_seconds = max((began_at - self._first_at).total_seconds(), 0.0)
        self._judge.take(Interval(at_seconds, seconds, strata, custom))
        self._requests += sum(pair.canary.requests for pair in strata.values())
        self._elapsed_seconds = at_seconds + seconds

    def _blind(self) -> str:
        if self._seen.blind:
            return self._seen.blind
        if self._versions.baseline and not self._seen.users:
            return "no request of a user has come to the new version in this stage"
        return ""

    def _time_left(self, evidence: Iterable[Evidence]) -> float | None:
        wanted = tuple((one.log_value, one.log_limit) for one in evidence if one.side is Side.PROMOTE)
        seen = self._seen
        return time_left_seconds(
            wanted, soaked=seen.soaked, soak=self._watch["soak_seconds"], tested=seen.watched
        )
