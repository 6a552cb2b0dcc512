"""Releasing a Worker, blue-green or as a canary.

Staging first: upload, switch, smoke. Then production: the same artifact as a version at 0 %, smoke on it
through the version override, then the traffic, all at once or in steps that are watched one by one; the
version before is kept in reach at 0 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.changes.kind import Result, Run, Step, Watch
from headgate.changes.parts.known_good import is_known_good, known_good
from headgate.changes.parts.smoke import http_checks, run_checks, smoke_step
from headgate.changes.parts.traffic import (
    only,
    refuse_unfinished,
    serving_before,
    shared,
    traffic_step,
)
from headgate.changes.parts.upload import script_of, upload_step, uploaded_version
from headgate.domain.change import Target
from headgate.domain.plan import Plan, RollbackPlan, Trust, WayBack
from headgate.domain.rollout.stages import Stage, canary_stages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headgate.domain.change import Change
    from headgate.domain.rollout.stages import RolloutRules
    from headgate.ports import Tools


class WorkerRelease:
    """The kind of change `worker_release`.

    Arguments: `environments` (in the order in which they are released, the target last), `artifact` (digest),
    `bundles` (environment -> key in the artifact store), `scripts` (environment -> the Worker's name there).
    """

    name = "worker_release"
    gates = ("tests", "dependencies", "configuration", "secrets", "rollback-plan")

    def plan(self, change: Change, tools: Tools) -> Plan:
        """Look at what serves now in each environment, and lay out the steps and the way back."""
        scripts = change.arguments["scripts"]
        deployments = {
            environment: tools.platform.deployment(script) for environment, script in scripts.items()
        }
        for environment, deployed in deployments.items():
            refuse_unfinished(environment, deployed)
        serving = {env: deployed.main_version if deployed else "" for env, deployed in deployments.items()}
        split = {env: dict(deployed.split) if deployed else {} for env, deployed in deployments.items()}
        target = change.target
        rollback = way_back(target, scripts[target.environment], serving[target.environment], tools)
        stages = _stages(serving[target.environment], rollback, tools.settings.rollout)
        facts = {
            "serving": serving,
            "split": split,
            "stages": [stage.as_json() for stage in stages],
            "exists": {scripts[env]: deployed is not None for env, deployed in deployments.items()},
        }
        steps = _steps(change.arguments["environments"], serving, rollback, stages)
        planned = tuple(step.planned for step in steps)
        return Plan(change.id, planned, _blast_radius(target, scripts[target.environment]), rollback, facts)

    def steps(self, run: Run) -> tuple[Step, ...]:
        """The steps, as planned."""
        stages = tuple(Stage.from_json(stage) for stage in run.plan.facts.get("stages", ()))
        environments, serving = run.change.arguments["environments"], run.plan.facts["serving"]
        return _steps(environments, serving, run.plan.rollback, stages)

    def watch(self, run: Run) -> Watch:
        """The new version against the one before."""
        environment = run.change.target.environment
        return Watch(
            script=script_of(run, environment),
            new_version=uploaded_version(run, environment),
            old_version=run.plan.facts["serving"][environment],
        )

    def result(self, run: Run) -> Result:
        """The uploaded version is good; the one before is kept."""
        environment = run.change.target.environment
        return Result(
            good_version=uploaded_version(run, environment),
            artifact=run.change.arguments["artifact"],
            rehearsed={
                Target(run.change.target.service, earlier): uploaded_version(run, earlier)
                for earlier in run.change.arguments["environments"][:-1]
            },
            kept_version=run.plan.rollback.version_id,
        )

    def bad_version(self, run: Run) -> str:
        """If the release is undone, what it uploaded is bad."""
        uploaded = run.facts.get(f"upload-{run.change.target.environment}", {})
        return str(uploaded.get("version_id", ""))


def way_back(target: Target, script: str, serving: str, tools: Tools) -> RollbackPlan:
    """Where a failed release goes back to. On a first release, the Worker is taken away again."""
    if not serving:
        return RollbackPlan(WayBack.WITHDRAW, "", Trust.NONE, (f"npx wrangler delete --name {script}",))
    version_id, trust = _trusted(target, script, serving, tools)
    by_hand = f"npx wrangler versions deploy {version_id}@100% --name {script} --yes"
    return RollbackPlan(
        WayBack.VERSION, version_id, trust, (f"headgate rollback {target.environment}", by_hand)
    )


def _trusted(target: Target, script: str, serving: str, tools: Tools) -> tuple[str, Trust]:
    """What serves now, if it is known good, or answers now; else the last known good version.

    Somebody may have deployed past Headgate, a hotfix perhaps: as long as that works, it is not to be lost.
    """
    known = is_known_good(tools.journal, target, serving)
    good = known_good(tools.journal, target)
    if known:
        return serving, Trust.VERIFIED
    if not good or (known is None and _answers(target.environment, script, serving, tools)):
        return serving, Trust.ADOPTED
    return good, Trust.VERIFIED


def _answers(environment: str, script: str, version_id: str, tools: Tools) -> bool:
    results = run_checks(tools, http_checks(tools), environment, script, version_id)
    return bool(results) and all(result.passed for result in results)


def _blast_radius(target: Target, script: str) -> str:
    return f"all traffic of the Worker {script} ({target})"


def _stages(serving: str, rollback: RollbackPlan, rules: RolloutRules) -> tuple[Stage, ...]:
    """Of a canary. None without a version to compare with: on a first release, or if what serves is bad."""
    fit = bool(serving) and rollback.version_id == serving
    return canary_stages(rules) if fit and rules.strategy == "canary" else ()


def _steps(
    environments: Sequence[str],
    serving: Mapping[str, str],
    rollback: RollbackPlan,
    stages: tuple[Stage, ...],
) -> tuple[Step, ...]:
    *earlier, last = environments
    before = [step for environment in earlier for step in _rehearsal(environment, serving[environment])]
    return (*before, *_production(last, serving[last], rollback, stages))


def _rehearsal(environment: str, serving: str) -> tuple[Step, ...]:
    """Upload, switch, smoke: nobody depends on this environment."""

    def uploaded(run: Run) -> str:
        return uploaded_version(run, environment)

    switch = traffic_step(
        f"switch-{environment}",
        f"switch {environment} to the new version",
        environment,
        before=serving_before(environment),
        after=only(uploaded),
        back=serving_before(environment) if serving else None,
    )
    return (
        upload_step(environment),
        switch,
        smoke_step(environment, f"smoke checks on {environment}", uploaded),
    )


def _production(
    environment: str, serving: str, rollback: RollbackPlan, stages: tuple[Stage, ...]
) -> tuple[Step, ...]:
    """Upload, bring in reach at 0 %, smoke through the override, the stages of a canary, switch."""

    def uploaded(run: Run) -> str:
        return uploaded_version(run, environment)

    upload = upload_step(environment)
    smoke = smoke_step(environment, f"smoke checks on the new version in {environment}", uploaded)
    if not serving:
        return upload, smoke
    hidden = only(lambda _run: serving, keeping=uploaded)
    # As it was to the last share, unless that is not fit to go back to.
    back = (
        serving_before(environment)
        if rollback.version_id == serving
        else only(lambda _run: rollback.version_id)
    )
    reach = traffic_step(
        f"reach-{environment}",
        f"bring the new version in reach at 0 % in {environment}",
        environment,
        before=serving_before(environment),
        after=hidden,
        back=back,
    )
    splits = [shared(uploaded, lambda _run: serving, stage.share_percent) for stage in stages]
    canary = tuple(
        traffic_step(
            f"canary{stage.share_percent:g}-{environment}",
            f"give the new version {stage.share_percent:g} % of the traffic in {environment}",
            environment,
            before=before,
            after=after,
            back=back,
            stage=stage,
        )
        for stage, before, after in zip(stages, (hidden, *splits), splits, strict=False)
    )
    switch = traffic_step(
        f"switch-{environment}",
        f"switch {environment} to the new version",
        environment,
        before=splits[-1] if splits else hidden,
        after=only(uploaded, keeping=lambda _run: rollback.version_id),
        back=back,
    )
    return upload, reach, smoke, *canary, switch
