"""Is everything there that a release needs? The answer to `headgate doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.app import doctor_account
from headgate.domain.errors import HeadgateError
from headgate.domain.journal import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from headgate.app.parts import Parts

FREE_BYTES_MIN = 100 * 1024 * 1024
"""Less free room than this is told: a journal that cannot be written stops every change."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at: whether it is well, what was seen, and what to do if not."""

    name: str
    ok: bool
    what: str
    remedy: str = ""


def examine(parts: Parts) -> list[Diagnosis]:
    """Look at everything, the ones after a bad one too."""
    looks: tuple[tuple[str, Callable[[Parts], str]], ...] = (
        ("wrangler", _wrangler),
        ("Worker names", _scripts),
        ("platform", _platform),
        ("KV namespaces", doctor_account.kv_namespaces),
        ("secrets", doctor_account.secrets),
        ("measurements", _measurements),
        ("smoke checks", _smoke),
        ("tests", _tests),
        ("webhooks", _webhooks),
        ("documents", _documents),
        ("journal", _journal),
        ("disk", _disk),
    )
    return [_looked_at(name, look, parts) for name, look in looks]


def _looked_at(name: str, look: Callable[[Parts], str], parts: Parts) -> Diagnosis:
    try:
        return Diagnosis(name, ok=True, what=look(parts))
    except HeadgateError as error:
        place = f" ({error.where})" if error.where else ""
        return Diagnosis(name, ok=False, what=f"{error.what}{place}", remedy=error.remedy)


def _wrangler(parts: Parts) -> str:
    return parts.wrangler()


def _scripts(parts: Parts) -> str:
    names = {name: parts.script(name) for name in parts.settings.environments}
    return ", ".join(f"{environment}: {script}" for environment, script in names.items())


def _platform(parts: Parts) -> str:
    return parts.platform.verify_access()


def _measurements(parts: Parts) -> str:
    script = parts.script(parts.settings.production)
    if parts.platform.deployment(script) is None:
        return f"not tried: the Worker {script} does not exist yet"
    return parts.measurements(script)


def _smoke(parts: Parts) -> str:
    checks = parts.settings.smoke
    if not checks:
        raise HeadgateError(
            "There are no smoke checks.", where="headgate.toml", remedy="Add at least one [[smoke]] check."
        )
    return ", ".join(check.name for check in checks)


def _tests(parts: Parts) -> str:
    tests = parts.settings.tests
    if not tests.results:
        raise HeadgateError(
            "Nothing says where the tests write their results.",
            where="headgate.toml",
            remedy='Set [tests] command and results, e.g. results = ["reports/junit.xml"].',
        )
    return f"{' '.join(tests.command)} writes {', '.join(tests.results)}"


def _webhooks(parts: Parts) -> str:
    addresses = parts.settings.notify.webhooks
    variables = {
        role: address.removeprefix("env:") for role, address in addresses.items() if "env:" in address[:4]
    }
    unset = {role: name for role, name in variables.items() if not parts.environment.get(name)}
    if unset:
        raise HeadgateError(
            ", ".join(f"The variable {name} for {role} is not set" for role, name in unset.items()) + ".",
            where="[notify.webhooks]",
            remedy="Set it where Headgate runs; until then these roles are told on the terminal alone.",
        )
    return ", ".join(addresses) or "none: roles are told on the terminal"


def _documents(parts: Parts) -> str:
    settings = parts.settings
    # Any report will do: each is a new file.
    files = {
        "reports": f"{settings.reports}/report.md",
        "runbooks": f"{settings.runbooks}/{settings.service}.md",
    }
    unwritable = {name: why for name, file in files.items() if (why := parts.why_unwritable(file))}
    if unwritable:
        raise HeadgateError(
            "; ".join(f"The {name} cannot be written: {why}" for name, why in unwritable.items()) + ".",
            where="[documents] in headgate.toml",
            remedy=f'Name a folder that you may write to: {", ".join(unwritable)} = "...".',
        )
    return f"reports in {settings.reports}, runbooks in {settings.runbooks}"


def _journal(parts: Parts) -> str:
    return f"{verify(parts.journal.everything())} entries hold"


def _disk(parts: Parts) -> str:
    free = parts.free_bytes()
    if free < FREE_BYTES_MIN:
        raise HeadgateError(
            f"Only {free // 1024 // 1024} MiB are free.",
            where=str(parts.folder),
            remedy="Make room: a journal that cannot be written stops every change.",
        )
    return f"{free // 1024 // 1024} MiB free"
