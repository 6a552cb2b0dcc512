"""Moving traffic between versions, and noticing when somebody else does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from headgate.changes.kind import Facts, Run, Step
from headgate.changes.parts.upload import script_of
from headgate.changes.parts.words import who, words
from headgate.domain.errors import ForeignChange, StepFailed
from headgate.domain.plan import PlannedStep
from headgate.domain.rollout.stages import ALL
from headgate.domain.traffic import Deployment, Split, all_to, checked

if TYPE_CHECKING:
    from headgate.domain.rollout.stages import Stage

SplitOf = Callable[[Run], Split]


def traffic_step(
    name: str,
    title: str,
    environment: str,
    *,
    before: SplitOf,
    after: SplitOf,
    back: SplitOf | None,
    force: bool = False,
    stage: Stage | None = None,
) -> Step:
    """Set a split. `before` is what must serve when the step begins; `back` what its undo sets.

    Without a `back` the undo leaves the traffic alone: there is no version to give it to. `force` brings also
    a version whose secrets are not today's; an undo always does. A `stage` is watched before the next step.
    """
    undo = "traffic goes back to the version before" if back else "nothing: there is no version to go back to"
    return Step(
        PlannedStep(name=name, title=title, undo=undo, stage=stage),
        act=partial(_shift, environment, before, after, force=force),
        verify=partial(_serves, environment, after),
        undo=partial(_shift_back, environment, before, after, back),
    )


def serving_before(environment: str) -> SplitOf:
    """The split that the planner found."""
    return lambda run: run.plan.facts["split"][environment]


def only(version_of: Callable[[Run], str], *, keeping: Callable[[Run], str] | None = None) -> SplitOf:
    """All traffic to one version, another one kept in reach at 0 %."""
    return lambda run: all_to(version_of(run), keeping=keeping(run) if keeping else "")


def shared(new: Callable[[Run], str], old: Callable[[Run], str], share_percent: float) -> SplitOf:
    """A share to the new version, the rest to the old one."""
    return lambda run: {new(run): share_percent, old(run): ALL - share_percent}


def _message(run: Run, what: str) -> str:
    return f"headgate {run.change.id}: {what}"


def _shift(environment: str, before: SplitOf, after: SplitOf, run: Run, *, force: bool) -> Facts:
    script, wanted = script_of(run, environment), checked(after(run))
    current = run.tools.platform.deployment(script)
    if current is not None and same(current.split, wanted):
        return {"split": dict(wanted), "deployment": current.id}
    _refuse_foreign(script, current, expected=before(run))
    deployed = run.tools.platform.deploy(script, wanted, message=_message(run, words(wanted)), force=force)
    return {"split": dict(wanted), "deployment": deployed.id}


def _serves(environment: str, after: SplitOf, run: Run, _facts: Facts) -> str:
    script, wanted = script_of(run, environment), after(run)
    current = run.tools.platform.deployment(script)
    if current is None or not same(current.split, wanted):
        seen = words(current.split) if current else "nothing"
        raise StepFailed(
            f"{script} serves {seen}, not {words(wanted)}.",
            where=environment,
            remedy="Look at `headgate status`: somebody else may have deployed at the same moment.",
        )
    return f"{script} serves {words(wanted)}"


def _shift_back(environment: str, before: SplitOf, after: SplitOf, back: SplitOf | None, run: Run) -> Facts:
    if back is None:
        return {}
    script, wanted = script_of(run, environment), checked(back(run))
    current = run.tools.platform.deployment(script)
    if current is not None and same(current.split, wanted):
        return {"split": dict(wanted), "deployment": current.id}
    ours = current is not None and current.message.startswith(f"headgate {run.change.id}:")
    if current is not None and not ours and not set(current.split) <= {*before(run), *after(run)}:
        return {"left_alone": who(script, current)}
    message = _message(run, f"back to {words(wanted)}")
    deployed = run.tools.platform.deploy(script, wanted, message=message, force=True)
    return {"split": dict(wanted), "deployment": deployed.id}


def refuse_unfinished(environment: str, current: Deployment | None) -> None:
    """Refuse to plan on top of somebody's rollout: two versions that both have traffic."""
    if current is None or sum(share > 0 for share in current.split.values()) < 2:
        return
    raise ForeignChange(
        f"A rollout is under way in {environment}: it serves {words(current.split)}.",
        where=f"set by {current.author} at {current.created_on}",
        remedy="Finish it, or send all traffic to one version, then try again.",
    )


def _refuse_foreign(script: str, current: Deployment | None, *, expected: Split) -> None:
    if current is None or same(current.split, expected):
        return
    raise ForeignChange(
        f"Somebody else changed the deployment: {who(script, current)}.",
        where=script,
        remedy="Agree with them which version is to serve, then release again.",
    )


def foreign(script: str, current: Deployment | None, expected: Split) -> str:
    """Who changed how the traffic is split; '' if it is as expected, whatever else is kept at 0 %."""
    if current is None:
        return f"{script} has no deployment any more"
    as_it_was = _shares(current.split) == _shares(expected)
    return "" if as_it_was else who(script, current)


def _shares(split: Split) -> dict[str, float]:
    return {version_id: round(share, 6) for version_id, share in split.items() if share > 0}


def same(one: Split, other: Split) -> bool:
    """Whether two splits send the traffic the same way and keep the same versions in reach."""
    return set(one) == set(other) and all(
        abs(one[version_id] - other[version_id]) < 1e-6 for version_id in one
    )
