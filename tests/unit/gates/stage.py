"""A stage for gates: a small project in a folder, ready to be released, and an account in memory.

Everything is as it should be; each test breaks one thing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from headgate.adapters.calls import MemoryCallLog
from headgate.adapters.wrangler.configuration import read_configuration
from headgate.domain.actor import Actor, ActorKind
from headgate.domain.artifact import Bundle, Module, digest
from headgate.domain.change import Change, ChangeKind, Target
from headgate.domain.evidence import Recording, recording_of, results_digest
from headgate.domain.journal import Draft, Event
from headgate.domain.plan import Plan, PlannedStep, RollbackPlan, Trust, WayBack
from headgate.domain.settings import EnvironmentSettings, Settings, SmokeCheck, TestSettings
from headgate.domain.smoke import SmokeResult
from headgate.domain.traffic import Deployment, Version
from headgate.gates import GateRequest
from headgate.ports import MetricSource, Platform, Tools
from tests.fakes.fixed_clock import FixedClock
from tests.fakes.memory_journal import MemoryJournal

if TYPE_CHECKING:
    from headgate.domain.gate import Finding, GateResult
    from headgate.domain.wrangler_file import WranglerFile
    from headgate.gates import Gate

ANN = Actor(ActorKind.PERSON, "ann")
TARGET = Target("shop", "production")
ENVIRONMENTS = ("staging", "production")
NAMESPACES = {"staging": "a" * 32, "production": "b" * 32}
SCHEMA = Path(__file__).parents[3] / "node_modules" / "wrangler" / "config-schema.json"
RESULTS = "reports/junit.xml"
LAST_VERSION = "11111111-1111-4111-8111-111111111111"

BACK_TO_THE_LAST = RollbackPlan(WayBack.VERSION, LAST_VERSION, Trust.VERIFIED, ("npx wrangler rollback",))

WRANGLER: dict[str, Any] = {
    "name": "shop",
    "main": "src/index.ts",
    "compatibility_date": "2026-02-01",
    "env": {
        environment: {
            "vars": {"CURRENCY": "EUR", "LIMIT": 3},
            "kv_namespaces": [{"binding": "SHOP", "id": namespace}],
            "secrets": {"required": ["CART_SIGNING_KEY"]},
        }
        for environment, namespace in NAMESPACES.items()
    },
}
PACKAGE = {
    "name": "shop",
    "version": "1.0.0",
    "dependencies": {"hono": "^4.0.0"},
    "devDependencies": {"typescript": "5.9.3"},
}
LOCK = {
    "name": "shop",
    "lockfileVersion": 3,
    "packages": {
        "": PACKAGE,
        "node_modules/hono": {"version": "4.6.1"},
        "node_modules/typescript": {"version": "5.9.3", "dev": True},
    },
}
CODE = 'export default { fetch(request, env) { return new Response("hello " + env.CURRENCY); } };\n'


def junit(*cases: str) -> str:
    """A JUnit file with test cases: what stands between `<testcase ...>` and its end."""
    inside = "".join(
        f'<testcase name="t{n}" classname="cart">{case}</testcase>' for n, case in enumerate(cases)
    )
    return f'<?xml version="1.0"?><testsuites><testsuite name="shop">{inside}</testsuite></testsuites>'


class Account:
    """What gates read of the platform."""

    def __init__(self) -> None:
        self.secrets: dict[str, frozenset[str]] = {
            "shop-staging": frozenset({"CART_SIGNING_KEY"}),
            "shop-production": frozenset({"CART_SIGNING_KEY"}),
        }
        self.namespaces = set(NAMESPACES.values())
        self.workers = {"shop-staging", "shop-production"}
        self.known_versions = {LAST_VERSION}
        self.asked: list[str] = []

    def secret_names(self, script: str) -> frozenset[str] | None:
        self.asked.append(f"secrets of {script}")
        return self.secrets.get(script)

    def kv_namespaces(self) -> frozenset[str]:
        self.asked.append("namespaces")
        return frozenset(self.namespaces)

    def deployment(self, script: str) -> Deployment | None:
        self.asked.append(f"deployment of {script}")
        return Deployment("d", {LAST_VERSION: 100}, "ann", "", "") if script in self.workers else None

    def version(self, script: str, version_id: str) -> Version | None:
        self.asked.append(f"version {version_id}")
        return Version(version_id, 1, "", "ann", "", "") if version_id in self.known_versions else None

    def address(self, script: str) -> str:
        return f"http://{script}.localhost:8080"


class Wrangler:
    """The port WranglerProject on the project's folder, with the schema of the wrangler installed here."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self.known_schema: dict[str, Any] | None = json.loads(SCHEMA.read_bytes())

    def configuration(self) -> WranglerFile:
        return read_configuration(self._project)

    def schema(self) -> dict[str, Any] | None:
        return self.known_schema


class Shelf:
    """The port ArtifactStore in memory."""

    def __init__(self) -> None:
        self.bundles: dict[str, Bundle] = {}

    def keep(self, bundle: Bundle) -> str:
        key = f"bundle-{len(self.bundles)}"
        self.bundles[key] = bundle
        return key

    def load(self, key: str) -> Bundle:
        return self.bundles[key]


@dataclass
class Answers:
    """The port Prober: passes every check but those named in `failing`."""

    failing: set[str] = field(default_factory=set)
    calls: list[tuple[str, str, str]] = field(default_factory=list)

    def run(self, check: SmokeCheck, base_url: str, *, script: str, version_id: str = "") -> SmokeResult:
        self.calls.append((check.name, base_url, version_id))
        passed = check.name not in self.failing
        return SmokeResult(check.name, passed, f"GET {check.path}: {200 if passed else 500}", 0.01)


@dataclass
class Stage:
    """The project, the account, and what is to be done with them."""

    project: Path
    account: Account = field(default_factory=Account)
    prober: Answers = field(default_factory=Answers)
    clock: FixedClock = field(default_factory=FixedClock)
    smoke: tuple[SmokeCheck, ...] = (SmokeCheck("health", "/health"), SmokeCheck("page", "/"))
    required_secrets: tuple[str, ...] = ()
    results: tuple[str, ...] = (RESULTS,)
    modules: tuple[Module, ...] = (Module("index.js", "application/javascript+module", CODE.encode()),)
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)
    rollback: RollbackPlan = BACK_TO_THE_LAST
    split: dict[str, float] = field(default_factory=lambda: {LAST_VERSION: 100.0})

    def __post_init__(self) -> None:
        self.wrangler = Wrangler(self.project)
        self.journal = MemoryJournal(self.clock)
        self.write("wrangler.jsonc", json.dumps(WRANGLER, indent=2))
        self.write("package.json", json.dumps(PACKAGE))
        self.write("package-lock.json", json.dumps(LOCK))
        self.record(junit("", ""))
        self.say(Event.VERSION_GOOD, LAST_VERSION)

    def write(self, name: str, text: str) -> Path:
        """Put a file into the project."""
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def configure(self, *, production: dict[str, Any] | None = None, **top: object) -> None:
        """Change the wrangler configuration: its top level, and production's part. None takes a field out."""
        data = json.loads((self.project / "wrangler.jsonc").read_text())
        for table, changes in ((data, top), (data["env"]["production"], production or {})):
            table.update({name: value for name, value in changes.items() if value is not None})
            for name in [name for name, value in changes.items() if value is None]:
                table.pop(name, None)
        self.write("wrangler.jsonc", json.dumps(data, indent=2))

    def record(self, results: str, *, file: str = RESULTS, **changes: object) -> None:
        """Write results with a recording that fits, or with `changes` in it."""
        self.write(file, results)
        fields: dict[str, Any] = {
            "artifact": digest(self.modules),
            "results": results_digest(results.encode()),
            "command": ("npm", "test"),
            "exit_code": 0,
            "recorded_at": "2026-03-14T09:20:00Z",
            "by": str(ANN),
        }
        recording = Recording(**{**fields, **changes})
        self.write(recording_of(file), json.dumps(recording.as_json()))

    def say(self, event: Event, version_id: str) -> None:
        """Write into the journal what became of a version."""
        self.journal.append(Draft(event, "earlier", str(TARGET), str(ANN), {"version_id": version_id}))

    def built_metadata(self, environment: str) -> dict[str, Any]:
        """What wrangler would write into the bundle of an environment."""
        fields = self.wrangler.configuration().in_environment(environment)
        kinds = {True: ("plain_text", "text"), False: ("json", "json")}
        variables = [
            {"name": name, "type": kinds[isinstance(value, str)][0], kinds[isinstance(value, str)][1]: value}
            for name, value in fields.get("vars", {}).items()
        ]
        stores = [
            {"name": kv["binding"], "type": "kv_namespace", "namespace_id": kv["id"]}
            if "id" in kv
            else {"name": kv["binding"], "type": "inherit"}
            for kv in fields.get("kv_namespaces", [])
        ]
        services = [
            {"name": entry["binding"], "type": "service", "service": entry["service"]}
            for entry in fields.get("services", [])
        ]
        secrets = [
            {"name": name, "type": "inherit"} for name in fields.get("secrets", {}).get("required", [])
        ]
        bindings = [*secrets, *variables, *stores, *services]
        date = {"compatibility_date": fields["compatibility_date"]} if "compatibility_date" in fields else {}
        return {"main_module": "index.js", "bindings": bindings, "compatibility_flags": [], **date}

    def settings(self) -> Settings:
        """The project's headgate.toml."""
        return Settings(
            service="shop",
            project=str(self.project),
            wrangler_config="wrangler.jsonc",
            environments={name: EnvironmentSettings(name, name) for name in ENVIRONMENTS},
            tests=TestSettings(("npm", "test"), self.results),
            required_secrets=self.required_secrets,
            smoke=self.smoke,
        )

    def ask(self, gate: Gate, kind: ChangeKind = ChangeKind.WORKER_RELEASE) -> GateResult:
        """Ask a gate about the release, or the rollback, of the project as it is."""
        return gate.check(self.request(kind))

    def request(self, kind: ChangeKind = ChangeKind.WORKER_RELEASE) -> GateRequest:
        """What a gate is asked."""
        shelf = Shelf()
        built = {env: self.metadata.get(env) or self.built_metadata(env) for env in ENVIRONMENTS}
        arguments = {
            "environments": list(ENVIRONMENTS),
            "artifact": digest(self.modules),
            "bundles": {env: shelf.keep(Bundle(self.modules, metadata)) for env, metadata in built.items()},
            "scripts": {env: f"shop-{env}" for env in ENVIRONMENTS},
        }
        tools = Tools(
            settings=self.settings(),
            project=self.project,
            platform=cast("Platform", self.account),
            calls=MemoryCallLog(),
            metrics=cast("MetricSource", None),
            prober=self.prober,
            artifacts=shelf,
            wrangler=self.wrangler,
            journal=self.journal,
            clock=self.clock,
        )
        facts = {"split": {"production": self.split}, "serving": {"production": max(self.split, default="")}}
        plan = Plan("c1", (PlannedStep("one", "one", "none"),), "all of it", self.rollback, facts)
        return GateRequest(Change("c1", kind, TARGET, ANN, "because", arguments), plan, tools)


def rules(result: GateResult) -> list[str]:
    """The rules of a result's findings, in order."""
    return [finding.rule for finding in result.findings]


def only(result: GateResult) -> Finding:
    """The one finding of a result."""
    assert len(result.findings) == 1, result.findings
    return result.findings[0]
