"""The gate `secrets`. Every secret here is made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from headgate.domain.artifact import Module
from headgate.domain.gate import Verdict
from headgate.gates.secrets import SecretsGate
from tests.unit.gates.stage import Stage, only, rules

if TYPE_CHECKING:
    from headgate.domain.gate import GateResult

ESM = "application/javascript+module"
TOKEN = "cfut_" + "a1B2c3D4e5" * 4 + "0badcafe"
RANDOM = "q7Zr2mK9vXw4Tn8LbY3sHd6G"


def _with(stage: Stage, text: str, *, name: str = "index.js", content_type: str = ESM) -> GateResult:
    """What the gate says of a bundle with a module."""
    stage.modules = (
        Module("main.js", ESM, b"export default {};\n"),
        Module(name, content_type, text.encode()),
    )
    return stage.ask(SecretsGate())


def _map(**sources: str) -> str:
    return json.dumps({"version": 3, "sources": list(sources), "sourcesContent": list(sources.values())})


class TestThere:
    """Required secrets exist in every environment."""

    def test_all_there_passes(self, stage: Stage) -> None:
        result = stage.ask(SecretsGate())

        assert (result.verdict, result.summary) == (
            Verdict.PASS,
            "the required secret is there, none leaks",
        )
        assert stage.account.asked == ["secrets of shop-staging", "secrets of shop-production"]

    def test_nobody_is_asked_where_none_is_required(self, stage: Stage) -> None:
        stage.configure(env={"staging": {}, "production": {}})

        assert stage.ask(SecretsGate()).summary == "no secrets are required, none leaks"
        assert stage.account.asked == []

    def test_a_missing_one_is_told_with_the_command_that_puts_it(self, stage: Stage) -> None:
        stage.account.secrets["shop-production"] = frozenset()

        result = stage.ask(SecretsGate())

        finding = only(result)
        assert (finding.rule, finding.verdict) == ("secret-missing", Verdict.FAIL)
        assert finding.what == "The Worker shop-production has no secret CART_SIGNING_KEY."
        assert "`npx wrangler secret put CART_SIGNING_KEY --env production`" in finding.remedy
        assert result.summary == "1 missing"

    def test_headgates_own_list_counts_too(self, stage: Stage) -> None:
        stage.required_secrets = ("CART_SIGNING_KEY", "MAIL_KEY")

        assert rules(stage.ask(SecretsGate())) == ["secret-missing", "secret-missing"]

    def test_a_worker_that_does_not_exist_yet_is_told_how_to_begin(self, stage: Stage) -> None:
        del stage.account.secrets["shop-staging"]

        finding = only(stage.ask(SecretsGate()))

        assert (finding.rule, finding.where) == ("worker-missing", "staging")
        assert "`npx wrangler secret put CART_SIGNING_KEY --env staging`" in finding.remedy
        assert "makes an empty Worker" in finding.remedy


class TestLeaks:
    """Nothing secret is in what is uploaded."""

    def test_in_a_module(self, stage: Stage) -> None:
        finding = only(_with(stage, f'const a = 1;\nconst t = "{TOKEN}";\n'))

        assert (finding.rule, finding.verdict) == ("secret-leaked", Verdict.FAIL)
        assert finding.where == "index.js:2:12"
        assert "Cloudflare API key or token (cfut…)" in finding.what
        assert TOKEN not in str(finding)

    def test_in_a_source_map_by_the_name_of_the_source(self, stage: Stage) -> None:
        result = _with(
            stage,
            _map(**{"src/a.ts": "", "src/b.ts": f"// {TOKEN}"}),
            name="index.js.map",
            content_type="application/source-map",
        )

        assert only(result).where == "src/b.ts (in index.js.map):1:4"

    def test_in_a_package_others_published_they_are_not_ours(self, stage: Stage) -> None:
        sources = _map(**{"../node_modules/sdk/index.js": f"// for example {TOKEN}"})

        assert _with(stage, sources, name="index.js.map").verdict is Verdict.PASS

    @pytest.mark.parametrize(
        "text", ["no JSON " + TOKEN, json.dumps({"sources": [TOKEN]}), json.dumps([TOKEN])]
    )
    def test_in_a_source_map_that_is_none(self, stage: Stage, text: str) -> None:
        assert rules(_with(stage, text, name="index.js.map")) == ["secret-leaked"]

    def test_in_any_text_module(self, stage: Stage) -> None:
        assert rules(_with(stage, f"key: {TOKEN}", name="a.txt", content_type="text/plain")) == [
            "secret-leaked"
        ]

    def test_in_the_configuration(self, stage: Stage) -> None:
        text = (stage.project / "wrangler.jsonc").read_text()
        stage.write("wrangler.jsonc", f"// {TOKEN}\n{text}")

        finding = only(stage.ask(SecretsGate()))

        assert (finding.rule, finding.where) == ("secret-leaked", "wrangler.jsonc:1")

    def test_what_only_looks_like_one_is_doubtful(self, stage: Stage) -> None:
        finding = only(_with(stage, f'const API_TOKEN = "{RANDOM}";'))

        assert (finding.rule, finding.verdict) == ("secret-suspected", Verdict.WARN)
        assert RANDOM not in str(finding)

    def test_no_more_are_named_than_help(self, stage: Stage) -> None:
        assert len(_with(stage, f'"{TOKEN}"\n' * 500).findings) == 20


class TestVariables:
    """Variables are not secret, so secrets must not be variables."""

    def test_a_required_secret_among_them_is_rejected_whatever_its_value(self, stage: Stage) -> None:
        stage.configure(production={"vars": {"CART_SIGNING_KEY": "x"}})

        finding = only(stage.ask(SecretsGate()))

        assert (finding.rule, finding.verdict) == ("secret-in-vars", Verdict.FAIL)
        assert (
            (stage.project / "wrangler.jsonc")
            .read_text()
            .splitlines()[int(finding.where.partition(":")[2]) - 1]
            .strip()
            .startswith('"CART_SIGNING_KEY"')
        )

    @pytest.mark.parametrize("name", ["API_TOKEN", "STRIPE_SECRET", "DB_PASSWORD", "mailApiKey"])
    def test_a_name_and_a_value_that_both_say_so_are_rejected(self, stage: Stage, name: str) -> None:
        stage.configure(production={"vars": {name: RANDOM}})

        result = stage.ask(SecretsGate())

        assert rules(result) == ["secret-in-vars"]
        assert RANDOM not in str(result)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("API_TOKEN", "unset"),
            ("API_TOKEN", "put-your-token-here"),
            ("TOKEN_URL", f"https://id.example.com/{RANDOM}"),
            ("PUBLIC_KEY", RANDOM),
            ("TURNSTILE_SITE_KEY", RANDOM),
            ("GREETING", RANDOM),
            ("SECRET_COUNT", 3),
        ],
    )
    def test_others_pass(self, stage: Stage, name: str, value: object) -> None:
        stage.configure(production={"vars": {name: value}})

        assert stage.ask(SecretsGate()).verdict is Verdict.PASS

    def test_a_token_in_a_variable_is_told_once(self, stage: Stage) -> None:
        stage.configure(production={"vars": {"API_TOKEN": TOKEN}})

        assert rules(stage.ask(SecretsGate())) == ["secret-in-vars"]


class TestDevelopmentSecrets:
    """Bundlers like to build in what they find in `.env`."""

    @pytest.mark.parametrize("file", [".dev.vars", ".env", ".env.production", ".dev.vars.staging"])
    def test_built_in_are_found(self, stage: Stage, file: str) -> None:
        stage.write(file, '# local\nexport CART_SIGNING_KEY="only-for-me-1"  # comment\nEMPTY=\n')

        finding = only(_with(stage, 'sign("only-for-me-1")'))

        assert (finding.rule, finding.verdict) == ("development-secret-leaked", Verdict.FAIL)
        assert finding.where == "index.js:1:7"
        assert "only-for-me-1" not in str(finding)

    @pytest.mark.parametrize(
        "line",
        [
            "CART_SIGNING_KEY=dev",
            "CART_SIGNING_KEY=export",
            "API_ADDRESS=https://api.example.com",
            "TOKEN_TTL=3600000000",
        ],
    )
    def test_values_that_are_no_secrets_may_be_built_in(self, stage: Stage, line: str) -> None:
        stage.write(".dev.vars", line)
        code = "export dev https://api.example.com 3600000000"

        assert _with(stage, code).verdict is Verdict.PASS
