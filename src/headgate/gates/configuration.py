"""The gate `configuration`: wrangler's configuration is right, and fits the account that is released to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any

from headgate.domain.gate import Finding, GateResult, Verdict
from headgate.gates.parts.bindings import Account, missing, namespaces, unchecked, variables
from headgate.gates.parts.wrangler_schema import mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headgate.domain.artifact import Bundle
    from headgate.domain.wrangler_file import WranglerFile
    from headgate.gates import GateRequest

CHANGES_OF_THE_PLATFORM = "https://developers.cloudflare.com/workers/configuration/compatibility-flags/"
OLD_AFTER = timedelta(days=2 * 365)
MISTAKES_MAX = 20


Path = tuple[str | int, ...]
"""Where something stands within the fields of an environment: `("routes", 0)`."""


class Rule(StrEnum):
    """What this gate can find."""

    SCHEMA_MISSING = "schema-missing"
    SCHEMA_VIOLATED = "schema-violated"
    ENVIRONMENT_MISSING = "environment-missing"
    COMPATIBILITY_DATE_MISSING = "compatibility-date-missing"
    COMPATIBILITY_DATE_INVALID = "compatibility-date-invalid"
    COMPATIBILITY_DATE_OLD = "compatibility-date-old"
    ACCOUNT_DIFFERS = "account-differs"
    MAIN_MODULE_MISSING = "main-module-missing"
    BUNDLE_OUTDATED = "bundle-outdated"
    BINDING_WITHOUT_ID = "binding-without-id"
    BINDING_MISSING = "binding-missing"
    BINDING_NOT_CHECKED = "binding-not-checked"
    BINDING_SHARED = "binding-shared"
    NOT_INHERITED = "not-inherited"
    TRIGGERS_NOT_APPLIED = "triggers-not-applied"


@dataclass(slots=True)
class _Environment:
    """One environment: what is configured, what was built for it, and what was found."""

    name: str
    wrangler_env: str
    script: str
    file: WranglerFile
    bundle: Bundle
    findings: list[Finding] = field(default_factory=list)

    @property
    def fields(self) -> dict[str, Any]:
        return self.file.in_environment(self.wrangler_env)

    @property
    def bindings(self) -> list[Mapping[str, Any]]:
        return list(self.bundle.metadata.get("bindings") or ())

    @property
    def flag(self) -> str:
        return f" --env {self.wrangler_env}" if self.wrangler_env else ""

    def fail(self, rule: Rule, what: str, about: Path, remedy: str) -> None:
        """Note a mistake in what stands at a path of the environment's fields."""
        self._note(rule, Verdict.FAIL, what, about, remedy)

    def warn(self, rule: Rule, what: str, about: Path, remedy: str) -> None:
        """Note a doubt about what stands at a path of the environment's fields."""
        self._note(rule, Verdict.WARN, what, about, remedy)

    def _note(self, rule: Rule, verdict: Verdict, what: str, about: Path, remedy: str) -> None:
        field_name, *inside = about
        where = self.file.place((*self.file.path_of(str(field_name), self.wrangler_env), *inside))
        self.findings.append(Finding(rule, verdict, f"{self.name}: {what}", where, remedy))


class ConfigurationGate:
    """Looks at every environment of the release, by what is configured and by what was built."""

    name = "configuration"

    def check(self, request: GateRequest) -> GateResult:
        """First the schema; only what has the right shape can be looked at more closely."""
        file = request.tools.wrangler.configuration()
        findings = _by_schema(request, file)
        wrong_shape = any(finding.verdict is Verdict.FAIL for finding in findings)
        environments = [] if wrong_shape else _environments(request, file)
        account = Account(request.tools.platform)
        for environment in environments:
            _look_at(environment, request, account)
        _look_at_all(environments)
        findings += [finding for environment in environments for finding in environment.findings]
        return GateResult(self.name, _summary(file, findings), tuple(findings), {"file": file.path})


def _by_schema(request: GateRequest, file: WranglerFile) -> list[Finding]:
    schema = request.tools.wrangler.schema()
    if schema is None:
        what = "The installed wrangler brings no config-schema.json, so the file's form was not checked."
        remedy = "Install a newer one in the project: `npm install --save-dev wrangler@4`."
        return [Finding(Rule.SCHEMA_MISSING, Verdict.WARN, what, file.path, remedy)]
    return [
        Finding(Rule.SCHEMA_VIOLATED, Verdict.FAIL, mistake.what, file.place(mistake.path), mistake.remedy)
        for mistake in islice(mistakes(file.data, schema), MISTAKES_MAX)
    ]


def _environments(request: GateRequest, file: WranglerFile) -> list[_Environment]:
    arguments, settings = request.change.arguments, request.tools.settings
    return [
        _Environment(
            name=name,
            wrangler_env=settings.environments[name].wrangler_env,
            script=arguments["scripts"][name],
            file=file,
            bundle=request.tools.artifacts.load(arguments["bundles"][name]),
        )
        for name in arguments["environments"]
    ]


def _look_at(environment: _Environment, request: GateRequest, account: Account) -> None:
    if not environment.file.has_environment(environment.wrangler_env):
        what = f"wrangler's configuration has no environment {environment.wrangler_env}."
        remedy = f"Add `env.{environment.wrangler_env}` to it, or correct `wrangler_env` in headgate.toml."
        environment.fail(Rule.ENVIRONMENT_MISSING, what, ("env",), remedy)
        return
    _compatibility_date(environment, request.tools.clock.now().date())
    _account(environment, request)
    _bundle(environment)
    _bindings(environment, account)
    _left_behind(environment)


def _compatibility_date(environment: _Environment, today: date) -> None:
    about, written = ("compatibility_date",), environment.fields.get("compatibility_date")
    if not written:
        what = "there is no compatibility_date, so the platform would take its oldest behaviour."
        remedy = f'Add `"compatibility_date": "{today}"`.'
        environment.fail(Rule.COMPATIBILITY_DATE_MISSING, what, about, remedy)
        return
    try:
        chosen = date.fromisoformat(str(written))
    except ValueError:
        what = "compatibility_date is not a date of the form YYYY-MM-DD."
        environment.fail(Rule.COMPATIBILITY_DATE_INVALID, what, about, f'Write one such as "{today}".')
        return
    if chosen > today:
        what = f"compatibility_date {chosen} is in the future; the platform refuses that."
        environment.fail(Rule.COMPATIBILITY_DATE_INVALID, what, about, f'Write "{today}" or earlier.')
    elif today - chosen > OLD_AFTER:
        what = f"compatibility_date {chosen} is more than two years old."
        remedy = f"Read what changed since, move it up and test: {CHANGES_OF_THE_PLATFORM}."
        environment.warn(Rule.COMPATIBILITY_DATE_OLD, what, about, remedy)


def _account(environment: _Environment, request: GateRequest) -> None:
    ours, theirs = request.tools.settings.platform.account_id, environment.fields.get("account_id")
    if ours and theirs and ours != theirs:
        what = f"headgate.toml releases to account {ours}, and wrangler's configuration names {theirs}."
        environment.fail(Rule.ACCOUNT_DIFFERS, what, ("account_id",), "Correct the one that is wrong.")


def _bundle(environment: _Environment) -> None:
    """What was built must have its entry point, and come from the configuration as it is now."""
    metadata = environment.bundle.metadata
    main = metadata.get("main_module") or metadata.get("body_part")
    if main not in {module.name for module in environment.bundle.modules}:
        what = f"the built Worker has no module {main}, at which it would begin."
        environment.fail(Rule.MAIN_MODULE_MISSING, what, ("main",), "Correct `main`, then release again.")
    changed = list(_changed_since(environment))
    if changed:
        what = f"the configuration changed after the Worker was built: {', '.join(changed)}."
        environment.fail(
            Rule.BUNDLE_OUTDATED, what, (changed[0],), "Release again, so that it is built anew."
        )


def _changed_since(environment: _Environment) -> Iterator[str]:
    fields, metadata = environment.fields, environment.bundle.metadata
    if (fields.get("compatibility_date") or "") != (metadata.get("compatibility_date") or ""):
        yield "compatibility_date"
    if list(fields.get("compatibility_flags") or ()) != list(metadata.get("compatibility_flags") or ()):
        yield "compatibility_flags"
    if dict(fields.get("vars") or {}) != variables(environment.bindings):
        yield "vars"
    configured = {kv["binding"]: kv["id"] for kv in fields.get("kv_namespaces") or () if kv.get("id")}
    if configured != namespaces(environment.bindings):
        yield "kv_namespaces"


def _bindings(environment: _Environment, account: Account) -> None:
    secrets = (environment.fields.get("secrets") or {}).get("required") or ()
    for binding in environment.bindings:
        if binding["type"] == "inherit" and binding["name"] not in secrets:
            what = f"the binding {binding['name']} names no resource."
            name = binding["name"]
            create = (
                f"npx wrangler kv namespace create {name}{environment.flag} --binding {name} --update-config"
            )
            remedy = f"Make one and write its id there. For KV, `{create}` does both."
            environment.fail(Rule.BINDING_WITHOUT_ID, what, _written(environment, binding["name"]), remedy)
    for name, resource in missing(environment.bindings, account, environment.script):
        what = f"the binding {name} leads to {resource}, which does not exist in the account."
        remedy = "Correct it, or make what it names. `npx wrangler kv namespace list` shows the namespaces."
        environment.fail(Rule.BINDING_MISSING, what, _written(environment, name), remedy)
    doubtful = unchecked(environment.bindings)
    if doubtful:
        named = ", ".join(f"{binding['name']} ({binding['type']})" for binding in doubtful)
        what = f"whether these bindings lead to something that exists was not checked: {named}."
        remedy = (
            "Headgate cannot look these up yet. Look yourself; the smoke checks in staging will tell too."
        )
        environment.warn(Rule.BINDING_NOT_CHECKED, what, _written(environment, doubtful[0]["name"]), remedy)


def _written(environment: _Environment, binding: str) -> Path:
    """Where in the configuration a binding is written."""
    for name, value in environment.fields.items():
        if isinstance(value, dict) and binding == value.get("binding"):
            return (name,)
        for number, entry in enumerate(value if isinstance(value, list) else ()):
            if isinstance(entry, dict) and binding in (entry.get("binding"), entry.get("name")):
                return (name, number)
    return ("name",)


def _left_behind(environment: _Environment) -> None:
    """What wrangler's own deploy does and Headgate does not, and what environments do not take over."""
    triggers = list(_triggers(environment.fields))
    if triggers:
        what = f"Headgate does not apply triggers yet: {', '.join(triggers)}."
        remedy = f"If they changed, run `npx wrangler triggers deploy{environment.flag}` after the release."
        environment.warn(Rule.TRIGGERS_NOT_APPLIED, what, tuple(triggers[0].split(".")), remedy)
    for name in environment.file.not_taken_over(environment.wrangler_env):
        what = f"`{name}` stands at the top level, and environments do not inherit it."
        remedy = f"Add `{name}` to `env.{environment.wrangler_env}`, if need be empty."
        environment.warn(Rule.NOT_INHERITED, what, (name,), remedy)


def _triggers(fields: Mapping[str, Any]) -> Iterator[str]:
    yield from (name for name in ("route", "routes") if fields.get(name))
    if (fields.get("triggers") or {}).get("crons"):
        yield "triggers.crons"
    if (fields.get("queues") or {}).get("consumers"):
        yield "queues.consumers"


def _look_at_all(environments: list[_Environment]) -> None:
    """A namespace that two environments write to: a rehearsal in one changes the data of the other."""
    seen: dict[str, _Environment] = {}
    for environment in environments:
        for name, namespace_id in namespaces(environment.bindings).items():
            first = seen.setdefault(namespace_id, environment)
            if first is not environment:
                what = f"the binding {name} leads to the same KV namespace as in {first.name}."
                remedy = "Give each environment a namespace of its own."
                environment.warn(Rule.BINDING_SHARED, what, _written(environment, name), remedy)


def _summary(file: WranglerFile, findings: list[Finding]) -> str:
    wrong = sum(finding.verdict is Verdict.FAIL for finding in findings)
    doubts = len(findings) - wrong
    if wrong:
        return f"{wrong} mistakes in {file.path}" if wrong > 1 else f"1 mistake in {file.path}"
    return f"{file.path} is right" + (f", {doubts} remarks" if doubts else "")
