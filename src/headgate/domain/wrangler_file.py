"""The wrangler configuration as wrangler reads it: which fields hold in which environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headgate.domain.source_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_INHERITED = frozenset(
    {
        "agent_memory", "ai", "ai_search", "ai_search_namespaces", "analytics", "analytics_engine_datasets",
        "artifacts", "browser", "cloudchamber", "connect", "containers", "d1_databases", "define",
        "dispatch_namespaces", "durable_objects", "flagship", "hyperdrive", "images", "k2", "kv_namespaces",
        "media", "mtls_certificates", "pipelines", "queues", "r2_buckets", "ratelimits",
        "secrets", "secrets_store_secrets", "send_email", "services", "stream", "streaming_tail_consumers",
        "tail_consumers", "unsafe", "unsafe_hello_world", "vars", "vectorize", "version_metadata",
        "vpc_networks", "vpc_services", "worker_loaders", "workflows",
    }
)  # fmt: skip
"""Fields that an environment does not take over from the top level: it names its own, or has none."""


@dataclass(frozen=True, slots=True)
class WranglerFile:
    """The file: its path as people write it, its text, and what the text says."""

    path: str
    text: str
    data: Mapping[str, Any]

    def has_environment(self, name: str) -> bool:
        """Whether wrangler knows the environment; '' is the top level."""
        return not name or name in _table(self.data.get("env"))

    def script_name(self, environment: str) -> str:
        """The Worker's name in an environment, as wrangler makes it; '' if the file names none."""
        name = self.data.get("name") or ""
        if not environment:
            return str(name)
        own = _table(_table(self.data.get("env")).get(environment)).get("name")
        return str(own or (name and f"{name}-{environment}"))

    def in_environment(self, name: str) -> dict[str, Any]:
        """The fields that hold in an environment, by wrangler's rules of inheritance; '' is the top level."""
        top = {key: value for key, value in self.data.items() if key != "env"}
        if not name:
            return top
        own = _table(_table(self.data.get("env")).get(name))
        inherited = {key: value for key, value in top.items() if key not in NOT_INHERITED}
        return inherited | {key: value for key, value in own.items() if value is not None}

    def not_taken_over(self, name: str) -> tuple[str, ...]:
        """Fields of the top level that an environment lacks and does not inherit."""
        own = _table(_table(self.data.get("env")).get(name)) if name else self.data
        return tuple(sorted(key for key in self.data if key in NOT_INHERITED and key not in own))

    def place(self, path: Sequence[str | int]) -> str:
        """File and line of a value, as people and editors write it: `wrangler.jsonc:12`."""
        line = line_of(self.text, path, toml=self.path.endswith(".toml"))
        return f"{self.path}:{line}" if line else self.path

    def path_of(self, field: str, environment: str) -> tuple[str, ...]:
        """Where a field that holds in an environment is written: `("env", "production", "vars")`."""
        own = _table(_table(self.data.get("env")).get(environment)) if environment else {}
        return ("env", environment, field) if field in own else (field,)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
