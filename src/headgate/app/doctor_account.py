"""Whether the account has what the Workers need: the answers to `headgate doctor` about KV and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.domain.errors import HeadgateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headgate.app.parts import Parts

_Lack = tuple[str, str]
"""What is missing, and the command that mends it."""


def kv_namespaces(parts: Parts) -> str:
    """Every KV namespace that is bound in some environment exists. Raises HeadgateError."""
    bound = [
        (environment, binding)
        for environment in parts.settings.environments
        for binding in _bound(_fields(parts, environment))
    ]
    if not bound:
        return "none are bound"
    there = parts.platform.kv_namespaces()
    lacks = [lack for name, binding in bound for lack in _lacking(parts, name, binding, there)]
    _refuse(lacks, "Correct the id, or make a namespace and write its id there", parts.wrangler_file().path)
    return ", ".join(f"{environment}: {binding.get('binding')}" for environment, binding in bound)


def secrets(parts: Parts) -> str:
    """Every required secret is there in every environment. Raises HeadgateError."""
    required = {name: _required(parts, name) for name in parts.settings.environments}
    lacks = [lack for environment, names in required.items() for lack in _unset(parts, environment, names)]
    names = sorted({name for of_environment in required.values() for name in of_environment})
    _refuse(lacks, "Run", "the account")
    return ", ".join(names) or "none are required"


def _refuse(lacks: list[_Lack], remedy: str, where: str) -> None:
    if not lacks:
        return
    what = "; ".join(lack for lack, _ in lacks)
    commands = ", ".join(dict.fromkeys(f"`{command}`" for _, command in lacks))
    raise HeadgateError(f"{what[0].upper()}{what[1:]}.", where=where, remedy=f"{remedy}: {commands}.")


def _fields(parts: Parts, environment: str) -> Mapping[str, Any]:
    file, wrangler_env = parts.wrangler_file(), parts.settings.environments[environment].wrangler_env
    if not file.has_environment(wrangler_env):
        raise HeadgateError(
            f"wrangler's configuration has no environment {wrangler_env}.",
            where=file.path,
            remedy=f"Add `env.{wrangler_env}` to it, or correct `wrangler_env` in headgate.toml.",
        )
    return file.in_environment(wrangler_env)


def _bound(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The KV bindings; what has another shape is for the gate to tell, by wrangler's schema."""
    written = fields.get("kv_namespaces")
    return [entry for entry in written if isinstance(entry, dict)] if isinstance(written, list) else []


def _lacking(
    parts: Parts, environment: str, binding: Mapping[str, Any], there: frozenset[str]
) -> Iterator[_Lack]:
    name, namespace_id = binding.get("binding"), binding.get("id")
    if namespace_id in there:
        return
    what = f"the KV namespace {namespace_id} does not exist" if namespace_id else "it names no KV namespace"
    create = f"npx wrangler kv namespace create {name}{_flag(parts, environment)}"
    yield f"{environment}, binding {name}: {what}", create


def _required(parts: Parts, environment: str) -> list[str]:
    """What headgate.toml and wrangler's own `secrets.required` ask for."""
    own = _fields(parts, environment).get("secrets")
    named = own.get("required") if isinstance(own, dict) else None
    return list(dict.fromkeys([*parts.settings.required_secrets, *(named or ())]))


def _unset(parts: Parts, environment: str, required: list[str]) -> Iterator[_Lack]:
    """One question to the platform for each environment that needs secrets."""
    if not required:
        return
    script = parts.script(environment)
    there = parts.platform.secret_names(script)
    missing = [name for name in required if name not in (there or ())]
    for name in missing:
        what = f"the Worker {script} has no secret {name}"
        if there is None:
            what = f"the Worker {script} does not exist yet, so it has no secret {name}"
        yield f"{environment}: {what}", f"npx wrangler secret put {name}{_flag(parts, environment)}"


def _flag(parts: Parts, environment: str) -> str:
    wrangler_env = parts.settings.environments[environment].wrangler_env
    return f" --env {wrangler_env}" if wrangler_env else ""
