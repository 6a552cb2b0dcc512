"""What a user sets in headgate.toml, as types. Reading the file is `headgate.config`'s task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headgate.domain.rollout.sources import MetricsSettings
from headgate.domain.rollout.stages import RolloutRules

if TYPE_CHECKING:
    from collections.abc import Mapping


WRANGLER_FILES = ("wrangler.json", "wrangler.jsonc", "wrangler.toml")
"""Names of a wrangler configuration, in the order in which wrangler looks for them."""


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """Where the platform's API is, and the name of the environment variable that holds the token.

    `local_edge` is the folder of a local edge; then the address, account and token come from there.
    """

    local_edge: str = ""
    account_id: str = ""
    api_base: str = "https://api.cloudflare.com/client/v4"
    token_env: str = "CLOUDFLARE_API_TOKEN"
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class EnvironmentSettings:
    """One environment: wrangler's name for it, the Worker's name there, and its address."""

    name: str
    wrangler_env: str
    url: str = ""
    """Empty: asked of the platform (its workers.dev address, or the local edge's)."""


@dataclass(frozen=True, slots=True)
class TestSettings:
    """How the project's tests are run, and where they write JUnit XML."""

    command: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    timeout_seconds: float = 1800.0


@dataclass(frozen=True, slots=True)
class SmokeCheck:
    """One smoke check: an HTTP request and what is expected of its answer, or a command that exits 0."""

    name: str
    path: str = "/"
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 200
    body_contains: str = ""
    json_path: str = ""
    """Dotted, e.g. `items.0.name`."""
    json_equals: Any = None
    command: tuple[str, ...] = ()
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class WatchRules:
    """How long the new version is watched after the switch, and how often it is looked at."""

    duration_seconds: float = 60.0
    interval_seconds: float = 5.0
    ask_after_seconds: float = 180.0
    """After this long without evidence, or this long after it was due, a person is asked."""


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """What a new version is held to. An alpha is the chance of a false rollback, in rollouts."""

    grace_seconds: float = 60.0
    """A version's first seconds, in which only a total failure counts."""
    errors_alpha: float = 0.01
    latency_alpha: float = 0.005
    tolerated_ratio: float = 1.1
    objective_error_percent: float = 0.0
    """What no version may exceed; 0: taken from what the version before had."""
    alone_latency_ratio: float = 2.0
    alone_latency_increase_ms: float = 50.0
    """How much slower than the version before a version may be that has all the traffic."""


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Where notices go: role -> webhook address. Values may name a variable as `env:NAME`."""

    webhooks: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All of headgate.toml. Paths are relative to `project`, the folder that holds the file."""

    service: str
    project: str
    wrangler_config: str
    environments: Mapping[str, EnvironmentSettings]
    staging: str = "staging"
    production: str = "production"
    platform: PlatformSettings = field(default_factory=PlatformSettings)
    tests: TestSettings = field(default_factory=TestSettings)
    required_secrets: tuple[str, ...] = ()
    smoke: tuple[SmokeCheck, ...] = ()
    watch: WatchRules = field(default_factory=WatchRules)
    rollout: RolloutRules = field(default_factory=RolloutRules)
    judge: JudgeSettings = field(default_factory=JudgeSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    runbooks: str = "docs/runbooks"
    reports: str = ".headgate/reports"
