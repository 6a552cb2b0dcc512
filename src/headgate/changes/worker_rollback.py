"""Rolling a Worker back to the last known good version, or to one that a person names.

It never uploads anything: the version is there already. It is brought in reach at 0 % where it is not, called
once through the version override, and given all the traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.changes.kind import Result, Run, Step, Watch
from headgate.changes.parts.known_good import known_good
from headgate.changes.parts.smoke import smoke_step
from headgate.changes.parts.traffic import only, refuse_unfinished, serving_before, traffic_step
from headgate.changes.parts.upload import script_of
from headgate.domain.errors import NotFound
from headgate.domain.plan import Plan, RollbackPlan, Trust, WayBack
from headgate.domain.traffic import all_to

if TYPE_CHECKING:
    from headgate.domain.change import Change, Target
    from headgate.domain.traffic import Deployment, Split
    from headgate.ports import Journal, Tools


class WorkerRollback:
    """The kind of change `worker_rollback`.

    Arguments: `scripts` (environment -> the Worker's name there) and `version_id` ('': the last known good).
    """

    name = "worker_rollback"
    gates = ("rollback-plan",)

    def plan(self, change: Change, tools: Tools) -> Plan:
        """Find the version to go back to. Raises NotFound if there is none."""
        environment = change.target.environment
        script = change.arguments["scripts"][environment]
        current = tools.platform.deployment(script)
        if current is None:
            raise NotFound(
                f"{script} has no deployment, so there is nothing to roll back.",
                where=str(change.target),
                remedy="Look at `headgate status`.",
            )
        refuse_unfinished(environment, current)
        named = change.arguments["version_id"]
        to = named or _find(change.target, current.main_version, tools.journal)
        by_hand = f"npx wrangler versions deploy {to}@100% --name {script} --yes"
        return Plan(
            change_id=change.id,
            steps=tuple(step.planned for step in _steps(environment, dict(current.split), to)),
            blast_radius=f"all traffic of the Worker {script} ({change.target})",
            rollback=RollbackPlan(WayBack.VERSION, to, Trust.NAMED if named else Trust.VERIFIED, (by_hand,)),
            facts=_facts(environment, script, current),
        )

    def steps(self, run: Run) -> tuple[Step, ...]:
        """The steps, as planned."""
        environment = run.change.target.environment
        return _steps(environment, run.plan.facts["split"][environment], run.plan.rollback.version_id)

    def watch(self, run: Run) -> Watch:
        """The version that serves again, against the one that was left."""
        environment = run.change.target.environment
        return Watch(
            script=script_of(run, environment),
            new_version=run.plan.rollback.version_id,
            old_version=run.plan.facts["serving"][environment],
            can_undo=False,
        )

    def result(self, run: Run) -> Result:
        """What was gone back to is good; what was left is bad."""
        left = run.plan.facts["serving"][run.change.target.environment]
        to = run.plan.rollback.version_id
        return Result(good_version=to, bad_version=left if left != to else "")

    def bad_version(self, run: Run) -> str:
        """A rollback that is undone says nothing about any version."""
        return ""


def _find(target: Target, serving: str, journal: Journal) -> str:
    version_id = known_good(journal, target, other_than=serving)
    if not version_id:
        raise NotFound(
            f"The journal knows no good version of {target} other than the one serving now ({serving}).",
            where=str(target),
            remedy="Name one with --to VERSION; `npx wrangler versions list` shows what is there.",
        )
    return version_id


def _facts(environment: str, script: str, current: Deployment) -> dict[str, object]:
    return {
        "serving": {environment: current.main_version},
        "split": {environment: dict(current.split)},
        "exists": {script: True},
    }


def _steps(environment: str, split: Split, to: str) -> tuple[Step, ...]:
    serving = max(split, key=lambda version_id: split[version_id])
    reachable = split if to in split else all_to(serving, keeping=to)

    def target(_run: Run) -> str:
        return to

    smoke = smoke_step(environment, f"smoke checks on version {to}", target, quick=True)
    switch = traffic_step(
        f"switch-{environment}",
        f"switch {environment} back to version {to}",
        environment,
        before=lambda _run: reachable,
        after=only(target),
        back=serving_before(environment),
        force=True,
    )
    if to in split:
        return smoke, switch
    reach = traffic_step(
        f"reach-{environment}",
        f"bring version {to} in reach in {environment}",
        environment,
        before=serving_before(environment),
        after=lambda _run: reachable,
        back=serving_before(environment),
        force=True,
    )
    return reach, smoke, switch
