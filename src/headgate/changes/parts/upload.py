"""Uploading the artifact to an environment, without traffic where the Worker exists already."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from headgate.changes.kind import Facts, Run, Step
from headgate.changes.parts.words import who
from headgate.domain.errors import StepFailed
from headgate.domain.plan import PlannedStep

if TYPE_CHECKING:
    from headgate.domain.traffic import Version


def upload_step(environment: str) -> Step:
    """Upload the bundle of an environment; an upload that a kill cut off is found again by its tag."""
    return Step(
        PlannedStep(
            name=step_name(environment),
            title=f"upload to {environment}",
            undo="a Worker made by this upload is taken away; a version without traffic serves nobody",
        ),
        act=partial(_upload, environment),
        verify=partial(_is_there, environment),
        undo=partial(_withdraw, environment),
    )


def step_name(environment: str) -> str:
    """The name of the upload step of an environment."""
    return f"upload-{environment}"


def uploaded_version(run: Run, environment: str) -> str:
    """The version that this change uploaded to an environment."""
    return str(run.facts[step_name(environment)]["version_id"])


def script_of(run: Run, environment: str) -> str:
    """The Worker's name in an environment."""
    return str(run.change.arguments["scripts"][environment])


def _upload(environment: str, run: Run) -> Facts:
    tools, script = run.tools, script_of(run, environment)
    first = not run.plan.facts["serving"][environment]
    version = _mine(run, script)
    if version is None:
        bundle = tools.artifacts.load(run.change.arguments["bundles"][environment])
        send = tools.platform.create_worker if first else tools.platform.upload_version
        version = send(script, bundle, message=run.change.reason, tag=run.change.id)
    return {"version_id": version.id, "number": version.number, "created_worker": first}


def _mine(run: Run, script: str) -> Version | None:
    """The version that this very change uploaded before it was interrupted."""
    if run.plan.facts["exists"].get(script) is False and run.tools.platform.deployment(script) is None:
        return None
    return next((v for v in run.tools.platform.versions(script) if v.tag == run.change.id), None)


def _is_there(environment: str, run: Run, facts: Facts) -> str:
    script = script_of(run, environment)
    version = run.tools.platform.version(script, facts["version_id"])
    if version is None:
        raise StepFailed(
            f"The platform does not know version {facts['version_id']} right after its upload.",
            where=script,
            remedy="Look whether somebody deleted the Worker, then release again.",
        )
    return f"version {version.id} of {script} is there"


def _withdraw(environment: str, run: Run) -> Facts:
    script = script_of(run, environment)
    if run.plan.facts["serving"][environment]:
        return {}
    current, made = run.tools.platform.deployment(script), _mine(run, script)
    if current is None:
        return {}
    if made is None or set(current.split) != {made.id}:
        return {"left_alone": who(script, current)}
    run.tools.platform.delete_worker(script)
    return {"withdrawn": script}
