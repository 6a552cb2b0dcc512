"""Whether what a Worker is bound to exists in the account it is released to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headgate.ports import Platform

Binding = Mapping[str, Any]

NEED_NOTHING = frozenset(
    {
        "ai", "analytics_engine", "browser", "data_blob", "images", "inherit", "json", "media", "plain_text",
        "secret_text", "stream", "text_blob", "version_metadata", "wasm_module", "worker_loader",
    }
)  # fmt: skip
"""Types of bindings behind which nothing of the account has to exist; `inherit` is looked at by itself."""


class Account:
    """What exists in the account; the list of namespaces is asked for at most once, and only if needed."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._namespaces: frozenset[str] | None = None

    def has_kv(self, namespace_id: str) -> bool:
        """Whether a KV namespace is there."""
        if self._namespaces is None:
            self._namespaces = self._platform.kv_namespaces()
        return namespace_id in self._namespaces

    def has_worker(self, script: str, own_script: str) -> bool:
        """Whether a Worker is there; one that calls itself will be."""
        return script == own_script or self._platform.deployment(script) is not None


def missing(bindings: Iterable[Binding], account: Account, own_script: str) -> Iterator[tuple[str, str]]:
    """The names of bindings whose resource does not exist, each with what that resource is."""
    for binding in bindings:
        if binding["type"] == "kv_namespace" and not account.has_kv(binding["namespace_id"]):
            yield binding["name"], f"the KV namespace {binding['namespace_id']}"
        elif binding["type"] == "service" and not account.has_worker(binding["service"], own_script):
            yield binding["name"], f"the Worker {binding['service']}"


def unchecked(bindings: Iterable[Binding]) -> list[Binding]:
    """The bindings of types that Headgate cannot look up yet."""
    return [
        binding for binding in bindings if binding["type"] not in (*NEED_NOTHING, "kv_namespace", "service")
    ]


def namespaces(bindings: Iterable[Binding]) -> dict[str, str]:
    """The KV namespaces: name of the binding -> id."""
    return {b["name"]: b["namespace_id"] for b in bindings if b["type"] == "kv_namespace"}


def variables(bindings: Iterable[Binding]) -> dict[str, object]:
    """The variables: name -> value."""
    texts = {"plain_text": "text", "json": "json"}
    return {b["name"]: b[texts[b["type"]]] for b in bindings if b["type"] in texts}
