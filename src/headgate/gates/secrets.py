"""The gate `secrets`: those the Worker needs are there, and none is in what is uploaded or configured."""

from __future__ import annotations

from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from headgate.domain.gate import Finding, GateResult, Verdict
from headgate.gates.parts.bundle_texts import texts
from headgate.gates.parts.dotenv import development_values
from headgate.gates.parts.leaks import leaks_in, looks_random, position, redacted
from headgate.gates.parts.secret_names import says_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headgate.domain.wrangler_file import WranglerFile
    from headgate.gates import GateRequest
    from headgate.gates.parts.leaks import Leak

LEAKS_MAX = 20
"""How many leaks are named."""
VALUE_LENGTH_MIN = 16
"""A shorter variable is taken for a word, not for a secret."""
KNOWN_LENGTH_MIN = 8
"""Shorter development values, such as `dev`, occur in any text."""

_REVOKE = "Revoke it where it was issued: whoever can read the Worker has it."


class Rule(StrEnum):
    """What this gate can find."""

    WORKER_MISSING = "worker-missing"
    SECRET_MISSING = "secret-missing"
    SECRET_LEAKED = "secret-leaked"
    SECRET_SUSPECTED = "secret-suspected"
    SECRET_IN_VARS = "secret-in-vars"
    DEVELOPMENT_SECRET_LEAKED = "development-secret-leaked"


class SecretsGate:
    """Secrets belong into the platform's store, and nowhere else."""

    name = "secrets"

    def check(self, request: GateRequest) -> GateResult:
        """Ask the platform for the names of the secrets, and look through everything that is uploaded."""
        file = request.tools.wrangler.configuration()
        required = {env: _required(request, file, env) for env in request.change.arguments["environments"]}
        missing = [finding for env, names in required.items() for finding in _missing(request, env, names)]
        in_the_open = {finding.where: finding for finding in _in_vars(request, file, required)}
        leaked = [
            *(finding for finding in _in_file(file) if finding.where not in in_the_open),
            *_in_bundles(request, required),
        ]
        names = sorted({name for names in required.values() for name in names})
        findings = (*missing, *in_the_open.values(), *leaked[:LEAKS_MAX])
        return GateResult(self.name, _summary(findings, names), findings, {"required": names})


def _wrangler_env(request: GateRequest, environment: str) -> str:
    return request.tools.settings.environments[environment].wrangler_env


def _required(request: GateRequest, file: WranglerFile, environment: str) -> list[str]:
    """What headgate.toml and wrangler's own `secrets.required` ask for."""
    own = file.in_environment(_wrangler_env(request, environment)).get("secrets")
    named = own.get("required", []) if isinstance(own, dict) else []
    return list(dict.fromkeys([*request.tools.settings.required_secrets, *named]))


def _missing(request: GateRequest, environment: str, required: list[str]) -> Iterator[Finding]:
    """One question to the platform for each environment that needs secrets."""
    if not required:
        return
    script, wrangler_env = (
        request.change.arguments["scripts"][environment],
        _wrangler_env(request, environment),
    )
    there = request.tools.platform.secret_names(script)
    flag = f" --env {wrangler_env}" if wrangler_env else ""
    put = {name: f"`npx wrangler secret put {name}{flag}`" for name in required}
    if there is None:
        what = f"The Worker {script} does not exist yet, so it lacks its secrets: {', '.join(required)}."
        remedy = (
            f"Run {', '.join(put.values())}. The first makes an empty Worker of that name to keep them in."
        )
        yield Finding(Rule.WORKER_MISSING, Verdict.FAIL, what, environment, remedy)
        return
    for name, command in put.items():
        if name not in there:
            what = f"The Worker {script} has no secret {name}."
            yield Finding(Rule.SECRET_MISSING, Verdict.FAIL, what, environment, f"Run {command}.")


def _in_vars(
    request: GateRequest, file: WranglerFile, required: Mapping[str, list[str]]
) -> Iterator[Finding]:
    """Variables that are secrets: by their name if it is that of a required one, else by their value too."""
    for environment, names in required.items():
        wrangler_env = _wrangler_env(request, environment)
        variables = file.in_environment(wrangler_env).get("vars")
        for name, value in variables.items() if isinstance(variables, dict) else ():
            if name in names or (says_secret(name) and _is_secret(value)):
                what = f"{name} is a secret ({redacted(str(value))}), and stands among the variables."
                remedy = f"{_REVOKE} Then take it out of `vars` and run `npx wrangler secret put {name}`."
                where = file.place((*file.path_of("vars", wrangler_env), name))
                yield Finding(Rule.SECRET_IN_VARS, Verdict.FAIL, what, where, remedy)


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and len(value) >= VALUE_LENGTH_MIN and looks_random(value)


def _in_file(file: WranglerFile) -> Iterator[Finding]:
    for leak in islice(leaks_in(file.text), LEAKS_MAX):
        yield _leaked(leak, f"{file.path}:{leak.line}")


def _in_bundles(request: GateRequest, required: Mapping[str, list[str]]) -> Iterator[Finding]:
    """What is in the modules, which are as a rule the same in all environments."""
    bundles = [request.tools.artifacts.load(key) for key in request.change.arguments["bundles"].values()]
    known = _development_secrets(request, required)
    for bundle in {bundle.digest: bundle for bundle in bundles}.values():
        for name, text in texts(bundle):
            for leak in islice(leaks_in(text), LEAKS_MAX):
                yield _leaked(leak, f"{name}:{leak.line}:{leak.column}")
            yield from _known_in(name, text, known)


def _leaked(leak: Leak, where: str) -> Finding:
    if leak.sure:
        what = f"A secret is in what is released: {leak.kind} ({leak.begins})."
        remedy = f"{_REVOKE} Then take it out and read it from `env`, after `npx wrangler secret put NAME`."
        return Finding(Rule.SECRET_LEAKED, Verdict.FAIL, what, where, remedy)
    what = f"This may be a secret: {leak.kind} ({leak.begins})."
    remedy = f"If it is one: {_REVOKE} Then read it from `env`, after `npx wrangler secret put NAME`."
    return Finding(Rule.SECRET_SUSPECTED, Verdict.WARN, what, where, remedy)


def _development_secrets(request: GateRequest, required: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """Name and value of the secrets used in development, which a bundler may have built in."""
    names = {name for names in required.values() for name in names}
    values = development_values(request.tools.project, tuple(_wrangler_env(request, env) for env in required))
    return [
        (name, value)
        for name, found in values.items()
        for value in sorted(found)
        if (name in names or says_secret(name)) and _is_telling(value)
    ]


def _is_telling(value: str) -> bool:
    has_digit = any(char.isdigit() for char in value)
    return len(value) >= (KNOWN_LENGTH_MIN if has_digit else VALUE_LENGTH_MIN)


def _known_in(module: str, text: str, known: list[tuple[str, str]]) -> Iterator[Finding]:
    for name, value in known:
        at = text.find(value)
        if at >= 0:
            line, column = position(text, at)
            what = f"The value that {name} has in development ({redacted(value)}) was built into the Worker."
            remedy = f"Read it from `env.{name}` at run time; look for it in `define` and in the build."
            where = f"{module}:{line}:{column}"
            yield Finding(Rule.DEVELOPMENT_SECRET_LEAKED, Verdict.FAIL, what, where, remedy)


def _summary(findings: tuple[Finding, ...], required: list[str]) -> str:
    wrong = [finding for finding in findings if finding.verdict is Verdict.FAIL]
    if wrong:
        missing = sum(finding.rule in (Rule.WORKER_MISSING, Rule.SECRET_MISSING) for finding in wrong)
        return ", ".join(
            said
            for count, said in (
                (missing, f"{missing} missing"),
                (len(wrong) - missing, f"{len(wrong) - missing} leaked"),
            )
            if count
        )
    there = {0: "no secrets are required", 1: "the required secret is there"}
    return f"{there.get(len(required), f'all {len(required)} required secrets are there')}, none leaks"
