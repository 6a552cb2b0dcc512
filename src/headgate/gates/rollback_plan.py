"""The gate `rollback-plan`: the way back is there, is trusted, and answers when called.

It is on the path of every rollback, so it imports little.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from headgate.domain.change import ChangeKind
from headgate.domain.gate import Finding, GateResult, Verdict
from headgate.domain.journal import Event
from headgate.domain.known_good import SAYING
from headgate.domain.plan import Trust, WayBack

if TYPE_CHECKING:
    from headgate.domain.smoke import SmokeResult
    from headgate.gates import GateRequest

CALLING_SECONDS_MAX = 20.0
"""After this long no further smoke check is begun."""


class Rule(StrEnum):
    """What this gate can find."""

    FIRST_RELEASE = "first-release"
    VERSION_MISSING = "version-missing"
    VERSION_NOT_VERIFIED = "version-not-verified"
    VERSION_FOUND_BAD = "version-found-bad"
    VERSION_ADOPTED = "version-adopted"
    VERSION_NAMED = "version-named"
    VERSION_SILENT = "version-silent"
    VERSION_FAILS_SOME_CHECKS = "version-fails-some-checks"
    VERSION_OUT_OF_REACH = "version-out-of-reach"
    NO_SMOKE_CHECKS = "no-smoke-checks"
    ALREADY_SERVING = "already-serving"


class _WayBack:
    """The version to go back to, and what was found about it; not a dataclass, which would load longer."""

    def __init__(self, request: GateRequest) -> None:
        self.request = request
        self.findings: list[Finding] = []
        self.answers: bool | None = None
        """Whether it answered when it was called; None if it was not called."""

    @property
    def version_id(self) -> str:
        return self.request.plan.rollback.version_id

    @property
    def environment(self) -> str:
        return self.request.change.target.environment

    @property
    def script(self) -> str:
        return str(self.request.change.arguments["scripts"][self.environment])

    @property
    def split(self) -> dict[str, float]:
        """What served when the plan was made."""
        return dict(self.request.plan.facts["split"][self.environment])

    @property
    def is_rollback(self) -> bool:
        return self.request.change.kind is ChangeKind.WORKER_ROLLBACK

    def find(self, rule: Rule, verdict: Verdict, what: str, remedy: str) -> None:
        self.findings.append(Finding(rule, verdict, what, self.script, remedy))


class RollbackPlanGate:
    """Nothing is changed that could not be taken back."""

    name = "rollback-plan"

    def check(self, request: GateRequest) -> GateResult:
        """For a release, look at where it could go back to; for a rollback, at where it goes."""
        back = _WayBack(request)
        if request.plan.rollback.way is WayBack.WITHDRAW:
            return _first_release(self.name, back)
        if request.tools.platform.version(back.script, back.version_id) is None:
            what = f"Version {back.version_id} does not exist on the platform (any more)."
            remedy = f"Name one that does: `npx wrangler versions list --name {back.script}`."
            back.find(Rule.VERSION_MISSING, Verdict.FAIL, what, remedy)
            return GateResult(self.name, "the version to go back to is not there", tuple(back.findings))
        _check_trust(back)
        if back.is_rollback:
            _check_not_serving(back)
        else:
            _check_answers(back)
        facts = {"version_id": back.version_id, "answers": back.answers}
        return GateResult(self.name, _summary(back), tuple(back.findings), facts)


def _first_release(gate: str, back: _WayBack) -> GateResult:
    what = (
        "This is the first release, so there is no version to go back to: going back takes the Worker away."
    )
    remedy = (
        "Its address then answers with an error until the next release. The second release has a way back."
    )
    back.find(Rule.FIRST_RELEASE, Verdict.WARN, what, remedy)
    return GateResult(gate, "first release: going back takes the Worker away", tuple(back.findings))


def _check_trust(back: _WayBack) -> None:
    """What the plan says of the version is held against the journal."""
    known, trust = _last_word(back), back.request.plan.rollback.trust
    if known is Event.VERSION_BAD:
        verdict = Verdict.WARN if trust is Trust.NAMED else Verdict.FAIL
        what = f"Version {back.version_id} was found bad before: it was rolled back."
        back.find(Rule.VERSION_FOUND_BAD, verdict, what, "Name another one, if there is one you trust more.")
    elif known is not None:
        return
    elif trust is Trust.NAMED:
        what = (
            f"The journal knows nothing of version {back.version_id}; it is taken because a person named it."
        )
        remedy = "Make sure that it is the one you mean; it is smoked before it gets traffic."
        back.find(Rule.VERSION_NAMED, Verdict.WARN, what, remedy)
    elif trust is Trust.ADOPTED:
        what = (
            f"Version {back.version_id} was there before Headgate, so the journal does not know it as good."
        )
        remedy = "Nothing needs to be done: once a release was watched to its end, that one is the way back."
        back.find(Rule.VERSION_ADOPTED, Verdict.WARN, what, remedy)
    else:
        what = f"The plan takes version {back.version_id} for verified, and the journal has no word of that."
        remedy = "Run `headgate journal verify`; then make the change again, so that it is planned anew."
        back.find(Rule.VERSION_NOT_VERIFIED, Verdict.FAIL, what, remedy)


def _last_word(back: _WayBack) -> Event | None:
    """Whether the journal last called the version good or bad."""
    subject, journal = str(back.request.change.target), back.request.tools.journal
    entries = [entry for event in SAYING for entry in journal.recent(subject, event)]
    about = [entry for entry in entries if entry.data["version_id"] == back.version_id]
    return max(about, key=lambda entry: entry.seq).event if about else None


def _check_not_serving(back: _WayBack) -> None:
    if back.split.get(back.version_id) == 100:
        what = f"Version {back.version_id} has all the traffic already, so there is nothing to roll back."
        remedy = "Look at `headgate status`; name an earlier version with --to."
        back.find(Rule.ALREADY_SERVING, Verdict.FAIL, what, remedy)


def _check_answers(back: _WayBack) -> None:
    """Call it. A version outside of the deployment cannot be called before it is brought back into it."""
    if back.version_id not in back.split:
        what = f"Version {back.version_id} is not in the deployment, so it could not be called."
        remedy = (
            "Somebody deployed past Headgate. Going back works, but was not tried; look at `headgate status`."
        )
        back.find(Rule.VERSION_OUT_OF_REACH, Verdict.WARN, what, remedy)
        return
    results = _call(back)
    failed = [result for result in results if not result.passed]
    back.answers = any(result.passed for result in results)
    if not results:
        what = "There are no smoke checks, so nobody knows whether the version to go back to answers."
        back.find(
            Rule.NO_SMOKE_CHECKS, Verdict.FAIL, what, "Add at least one [[smoke]] check to headgate.toml."
        )
    elif len(failed) == len(results):
        _silent(back, failed)
    elif failed:
        what = f"Version {back.version_id} answers, but fails {_said(failed)}."
        remedy = "That is so if the check is newer than the version; if not, look why before you release."
        back.find(Rule.VERSION_FAILS_SOME_CHECKS, Verdict.WARN, what, remedy)


def _silent(back: _WayBack, failed: list[SmokeResult]) -> None:
    """A version from before Headgate is as good as what serves now; a verified one was better before."""
    what = f"Version {back.version_id} passes no smoke check; it fails {_said(failed)}."
    if back.request.plan.rollback.trust is Trust.ADOPTED:
        remedy = (
            "It serves now. Going back would bring back just that: there is nothing better to go back to."
        )
        back.find(Rule.VERSION_SILENT, Verdict.WARN, what, remedy)
        return
    remedy = (
        "Find out what broke it. If the checks are newer than the version, keep one that it passes "
        "until this release is through."
    )
    back.find(Rule.VERSION_SILENT, Verdict.FAIL, what, remedy)


def _said(failed: list[SmokeResult]) -> str:
    first, *others = failed
    more = f", and {len(others)} more" if others else ""
    return f"{first.name} ({first.what}){more}"


def _call(back: _WayBack) -> list[SmokeResult]:
    tools = back.request.tools
    results: list[SmokeResult] = []
    base_url = tools.settings.environments[back.environment].url or tools.platform.address(back.script)
    until = tools.clock.monotonic() + CALLING_SECONDS_MAX
    for check in tools.settings.smoke:
        results.append(tools.prober.run(check, base_url, script=back.script, version_id=back.version_id))
        if tools.clock.monotonic() >= until:
            break
    return results


def _summary(back: _WayBack) -> str:
    if Verdict.FAIL in {finding.verdict for finding in back.findings}:
        return f"version {back.version_id} is no way back"
    return f"version {back.version_id} is there" + (" and answers" if back.answers else "")
