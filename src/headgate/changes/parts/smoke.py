"""Running the project's smoke checks on one version."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from headgate.changes.kind import Facts, Run, Step
from headgate.changes.parts.upload import script_of
from headgate.domain.errors import StepFailed
from headgate.domain.plan import PlannedStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from headgate.domain.settings import SmokeCheck
    from headgate.domain.smoke import SmokeResult
    from headgate.ports import Tools


def smoke_step(
    environment: str, title: str, version_of: Callable[[Run], str], *, quick: bool = False
) -> Step:
    """Run every smoke check on a version, reached by the version override; `quick`: no commands."""
    return Step(
        PlannedStep(name=f"smoke-{environment}", title=title, undo="nothing: a smoke check changes nothing"),
        act=partial(_smoke, environment, version_of, quick=quick),
        verify=_all_passed,
        undo=lambda _run: {},
    )


def address(tools: Tools, environment: str, script: str) -> str:
    """Where an environment answers: the user's own word for it, or the platform's."""
    return tools.settings.environments[environment].url or tools.platform.address(script)


def run_checks(
    tools: Tools, checks: Iterable[SmokeCheck], environment: str, script: str, version_id: str
) -> list[SmokeResult]:
    """Run smoke checks on a version; stop at the first that fails."""
    base_url = address(tools, environment, script)
    results: list[SmokeResult] = []
    for check in checks:
        results.append(tools.prober.run(check, base_url, script=script, version_id=version_id))
        if not results[-1].passed:
            break
    return results


def http_checks(tools: Tools) -> tuple[SmokeCheck, ...]:
    """The smoke checks that are HTTP requests."""
    return tuple(check for check in tools.settings.smoke if not check.command)


def _smoke(environment: str, version_of: Callable[[Run], str], run: Run, *, quick: bool) -> Facts:
    # A rollback does not wait for commands, unless they are all there is.
    wanted = (quick and http_checks(run.tools)) or run.tools.settings.smoke
    results = run_checks(run.tools, wanted, environment, script_of(run, environment), version_of(run))
    for result in results:
        run.tools.calls.note(f"smoke {result.name}: {result.what}")
    checks = [{"name": r.name, "passed": r.passed, "what": r.what} for r in results]
    return {"checks": checks, "version_id": version_of(run)}


def _all_passed(_run: Run, facts: Facts) -> str:
    failed = [check for check in facts["checks"] if not check["passed"]]
    if failed:
        raise StepFailed(
            f"Smoke check {failed[0]['name']} failed: {failed[0]['what']}.",
            remedy="Mend the Worker (or the check in headgate.toml), and release again.",
        )
    if not facts["checks"]:
        raise StepFailed(
            "There are no smoke checks, so nothing was verified.",
            where="headgate.toml",
            remedy="Add at least one [[smoke]] check.",
        )
    return f"{len(facts['checks'])} smoke checks passed"
