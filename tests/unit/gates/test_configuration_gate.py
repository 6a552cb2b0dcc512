"""The gate `configuration`."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from headgate.domain.errors import ConfigError
from headgate.domain.gate import Verdict
from headgate.domain.settings import PlatformSettings
from headgate.gates.configuration import ConfigurationGate
from headgate.gates.parts.wrangler_schema import mistakes, shown
from tests.unit.gates.stage import NAMESPACES, SCHEMA, WRANGLER, Stage, only, rules

if TYPE_CHECKING:
    from collections.abc import Callable

TOML = """
name = "shop"
main = "src/index.ts"
compatibility_date = 2026-02-01

[env.staging]
[[env.staging.kv_namespaces]]
binding = "SHOP"
id = "{staging}"

[env.production]
[[env.production.kv_namespaces]]
binding = "SHOP"
id = "{production}"
""".format(**NAMESPACES)


def test_a_right_configuration_passes(stage: Stage) -> None:
    result = stage.ask(ConfigurationGate())

    assert (result.verdict, result.summary) == (Verdict.PASS, "wrangler.jsonc is right")


def test_the_account_is_asked_for_its_namespaces_once(stage: Stage) -> None:
    stage.ask(ConfigurationGate())

    assert stage.account.asked == ["namespaces"]


def test_a_configuration_in_toml_is_looked_at_alike(stage: Stage) -> None:
    (stage.project / "wrangler.jsonc").unlink()
    stage.write("wrangler.toml", TOML.replace("= 2026-02-01", '= "2026-02-01"').replace("SHOP", "STORE", 1))
    stage.account.namespaces.discard(NAMESPACES["production"])

    finding = only(stage.ask(ConfigurationGate()))

    assert (finding.rule, finding.where) == ("binding-missing", "wrangler.toml:12")


def test_a_toml_date_that_wrangler_reads_otherwise_does_no_harm(stage: Stage) -> None:
    (stage.project / "wrangler.jsonc").unlink()
    stage.write("wrangler.toml", TOML)

    assert stage.ask(ConfigurationGate()).verdict is Verdict.PASS


class TestSchema:
    """What wrangler's own schema does not allow."""

    @pytest.mark.parametrize(
        ("fields", "what", "remedy", "line"),
        [
            (
                {"kv_namespace": []},
                "no field env.production.kv_namespace.",
                "`kv_namespaces`",
                "kv_namespace",
            ),
            (
                {"kv_namespaces": {}},
                "env.production.kv_namespaces must be a list.",
                "a list",
                "kv_namespaces",
            ),
            (
                {"kv_namespaces": [{"id": "x"}]},
                "env.production.kv_namespaces[0].binding is missing.",
                "Add `binding`",
                '"id": "x"',
            ),
            ({"compliance_region": "moon"}, 'must be one of "public", "fedramp_high"', "one of them", "moon"),
            (
                {"placement": {"mode": "x"}},
                "env.production.placement has none of the forms",
                "See http",
                "placement",
            ),
            (
                {"workers_dev": "yes"},
                "env.production.workers_dev must be true or false",
                "true",
                "workers_dev",
            ),
        ],
    )
    def test_a_mistake_is_told_with_its_line_and_remedy(
        self, stage: Stage, fields: dict[str, Any], what: str, remedy: str, line: str
    ) -> None:
        before = stage.request()
        stage.configure(production=fields)

        finding = only(ConfigurationGate().check(before))

        assert (finding.rule, finding.verdict) == ("schema-violated", Verdict.FAIL)
        assert what in finding.what
        assert remedy in finding.remedy
        name, _, number = finding.where.partition(":")
        lines = (stage.project / name).read_text().splitlines()
        assert line in "\n".join(lines[int(number) - 1 : int(number) + 1])

    def test_several_mistakes_are_told_at_once(self, stage: Stage) -> None:
        before = stage.request()
        stage.configure(production={"vars": []}, compatibility_flags="nodejs_compat", nmae="shop")

        assert rules(ConfigurationGate().check(before)) == ["schema-violated"] * 3

    def test_no_value_is_repeated(self) -> None:
        schema = json.loads(SCHEMA.read_bytes())
        data = {**WRANGLER, "vars": "hunter2", "routes": [{"hunter2": 1}, 7], "name": ["hunter2"]}

        told = " ".join(f"{mistake.what} {mistake.remedy}" for mistake in mistakes(data, schema))

        assert "vars must be" in told
        assert told.count("hunter2") <= 1  # the name of an unknown field, never a value

    def test_a_wrangler_without_a_schema_is_told(self, stage: Stage) -> None:
        stage.wrangler.known_schema = None

        finding = only(stage.ask(ConfigurationGate()))

        assert (finding.rule, finding.verdict) == ("schema-missing", Verdict.WARN)


def test_a_configuration_that_cannot_be_read_is_the_ports_error(stage: Stage) -> None:
    """Which `run_gates` turns into a failed gate."""
    request = stage.request()
    stage.write("wrangler.jsonc", "{")

    with pytest.raises(ConfigError):
        ConfigurationGate().check(request)


def _no_environment(stage: Stage) -> None:
    stage.configure(env={"staging": WRANGLER["env"]["staging"]})


def _no_date(stage: Stage) -> None:
    stage.configure(compatibility_date=None)


def _no_such_date(stage: Stage) -> None:
    stage.configure(production={"compatibility_date": "2026-02-30"})


def _in_the_future(stage: Stage) -> None:
    tomorrow = stage.clock.now().date() + timedelta(days=1)
    stage.configure(production={"compatibility_date": str(tomorrow)})


def _no_main(stage: Stage) -> None:
    metadata = stage.built_metadata("production")
    stage.metadata["production"] = {**metadata, "main_module": "other.js"}


def _namespace_gone(stage: Stage) -> None:
    stage.account.namespaces.discard(NAMESPACES["production"])


def _no_id(stage: Stage) -> None:
    stage.configure(production={"kv_namespaces": [{"binding": "SHOP"}]})


def _no_such_service(stage: Stage) -> None:
    stage.configure(production={"services": [{"binding": "MAIL", "service": "mail"}]})


def _changed_date(stage: Stage) -> None:
    stage.metadata["production"] = stage.built_metadata("production")
    stage.configure(production={"compatibility_date": "2026-01-01"})


def _changed_variable(stage: Stage) -> None:
    stage.metadata["production"] = stage.built_metadata("production")
    stage.configure(production={"vars": {"CURRENCY": "USD", "LIMIT": 3}})


def _changed_namespace(stage: Stage) -> None:
    stage.metadata["production"] = stage.built_metadata("production")
    stage.account.namespaces.add("c" * 32)
    stage.configure(production={"kv_namespaces": [{"binding": "SHOP", "id": "c" * 32}]})


def _changed_flags(stage: Stage) -> None:
    stage.configure(production={"compatibility_flags": ["nodejs_compat"]})


@pytest.mark.parametrize(
    ("break_it", "rule", "said"),
    [
        (_no_date, "compatibility-date-missing", "there is no compatibility_date"),
        (_no_such_date, "compatibility-date-invalid", "not a date"),
        (_in_the_future, "compatibility-date-invalid", "in the future"),
        (_no_main, "main-module-missing", "no module other.js"),
        (_namespace_gone, "binding-missing", "SHOP leads to the KV namespace bbbb"),
        (_no_id, "binding-without-id", "SHOP names no resource"),
        (_no_such_service, "binding-missing", "MAIL leads to the Worker mail"),
        (_changed_date, "bundle-outdated", "compatibility_date"),
        (_changed_variable, "bundle-outdated", "vars"),
        (_changed_namespace, "bundle-outdated", "kv_namespaces"),
        (_changed_flags, "bundle-outdated", "compatibility_flags"),
    ],
)
def test_what_rejects(stage: Stage, break_it: Callable[[Stage], None], rule: str, said: str) -> None:
    break_it(stage)

    findings = {finding.rule: finding for finding in stage.ask(ConfigurationGate()).findings}

    assert set(findings) == {rule}
    assert findings[rule].verdict is Verdict.FAIL
    assert findings[rule].what.startswith("production: ")
    assert said in findings[rule].what
    assert findings[rule].where.startswith("wrangler.jsonc:")
    assert findings[rule].remedy


def test_an_environment_that_wrangler_does_not_have_is_rejected(stage: Stage) -> None:
    request = stage.request()
    _no_environment(stage)

    finding = only(ConfigurationGate().check(request))

    assert (finding.rule, finding.verdict) == ("environment-missing", Verdict.FAIL)


def test_both_environments_are_looked_at(stage: Stage) -> None:
    stage.account.namespaces.clear()

    findings = stage.ask(ConfigurationGate()).findings

    assert [finding.what.partition(":")[0] for finding in findings] == ["staging", "production"]


def test_another_account_than_wranglers_is_rejected(stage: Stage) -> None:
    stage.configure(account_id="f" * 32)
    request = stage.request()
    platform = PlatformSettings(account_id="e" * 32)
    object.__setattr__(request.tools.settings, "platform", platform)

    assert rules(ConfigurationGate().check(request)) == ["account-differs"] * 2


def test_a_worker_may_be_bound_to_itself(stage: Stage) -> None:
    stage.account.workers.clear()
    stage.configure(production={"services": [{"binding": "SELF", "service": "shop-production"}]})

    assert stage.ask(ConfigurationGate()).verdict is Verdict.PASS


def _old(stage: Stage) -> None:
    stage.configure(production={"compatibility_date": "2024-03-01"})


def _routes(stage: Stage) -> None:
    stage.configure(production={"routes": [{"pattern": "shop.example.com", "custom_domain": True}]})


def _crons(stage: Stage) -> None:
    stage.configure(production={"triggers": {"crons": ["0 * * * *"]}})


def _consumer(stage: Stage) -> None:
    stage.configure(production={"queues": {"consumers": [{"queue": "orders"}]}})


def _bucket(stage: Stage) -> None:
    stage.configure(production={"r2_buckets": [{"binding": "FILES", "bucket_name": "files"}]})
    metadata = stage.built_metadata("production")
    metadata["bindings"].append({"name": "FILES", "type": "r2_bucket", "bucket_name": "files"})
    stage.metadata["production"] = metadata


def _shared(stage: Stage) -> None:
    stage.configure(production={"kv_namespaces": [{"binding": "SHOP", "id": NAMESPACES["staging"]}]})


def _top_level_only(stage: Stage) -> None:
    staging = {**WRANGLER["env"]["staging"], "ai": {"binding": "AI"}}
    stage.configure(env={**WRANGLER["env"], "staging": staging}, ai={"binding": "AI"})


@pytest.mark.parametrize(
    ("doubt", "rule", "said"),
    [
        (_old, "compatibility-date-old", "more than two years old"),
        (_routes, "triggers-not-applied", "routes"),
        (_crons, "triggers-not-applied", "triggers.crons"),
        (_consumer, "triggers-not-applied", "queues.consumers"),
        (_bucket, "binding-not-checked", "FILES (r2_bucket)"),
        (_shared, "binding-shared", "the same KV namespace as in staging"),
        (_top_level_only, "not-inherited", "`ai` stands at the top level"),
    ],
)
def test_what_is_only_doubtful(stage: Stage, doubt: Callable[[Stage], None], rule: str, said: str) -> None:
    doubt(stage)

    result = stage.ask(ConfigurationGate())

    finding = only(result)
    assert (finding.rule, finding.verdict) == (rule, Verdict.WARN)
    assert said in finding.what
    assert result.summary == "wrangler.jsonc is right, 1 remarks"


def test_the_remedy_for_triggers_is_the_command_that_applies_them(stage: Stage) -> None:
    _crons(stage)

    assert "`npx wrangler triggers deploy --env production`" in only(stage.ask(ConfigurationGate())).remedy


def test_a_path_is_shown_as_people_write_it() -> None:
    assert shown(("env", "production", "routes", 0, "pattern")) == "env.production.routes[0].pattern"
