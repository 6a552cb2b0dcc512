"""Faults of a local edge, set and lifted around what a test does."""

# ruff: noqa: ANN401 - rules are what the tests make of them

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localedge.client import RunningEdge


def rule(fault: dict[str, Any], method: str | list[str] = "", path: str = "", **more: Any) -> dict[str, Any]:
    """A rule for a method and a path, e.g. `/workers/scripts/*/deployments`."""
    match = {"method": method, "path": path, "token": more.pop("token", ""), "regex": more.pop("regex", "")}
    return {"match": {name: value for name, value in match.items() if value}, "fault": fault, **more}


@dataclass
class EdgeFaults:
    """The faults of one edge."""

    edge: RunningEdge

    @property
    def url(self) -> str:
        return str(self.edge.told["api_url"]).removesuffix("/client/v4") + "/edge/faults"

    @contextlib.contextmanager
    def set(self, *rules: dict[str, Any], seed: int = 0) -> Iterator[EdgeFaults]:
        """These rules and no others, until the end of the block."""
        answer = self.edge.api("PUT", self.url, json={"seed": seed, "rules": list(rules)})
        assert answer.status == 200, answer
        try:
            yield self
        finally:
            self.lift()

    def met(self) -> list[int]:
        """How often each rule was met."""
        return [one["hit"] for one in self.edge.api("GET", self.url).result["rules"]]

    def kill(self, **what: Any) -> list[int]:
        """Kill processes, e.g. `kill="version", script="shop"`; the ids of those that died at once."""
        answer = self.edge.api("POST", f"{self.url}/processes", json=what)
        assert answer.status == 200, answer
        killed: list[int] = answer.result["killed"]
        return killed

    @contextlib.contextmanager
    def crash_loop(self, version_id: str) -> Iterator[None]:
        """Every start of the version dies, until the end of the block."""
        self.kill(crash_loop=version_id)
        try:
            yield
        finally:
            self.edge.api("DELETE", f"{self.url}/processes")

    @contextlib.contextmanager
    def disturb(self, **what: Any) -> Iterator[None]:
        """A version is slow or fails, e.g. `script="shop", status=503`, until the end of the block."""
        answer = self.edge.api("POST", f"{self.url}/traffic", json=what)
        assert answer.status == 200, answer
        try:
            yield
        finally:
            self.edge.api("DELETE", f"{self.url}/traffic")

    def lift(self) -> None:
        """Nothing is wrong any more."""
        assert self.edge.api("DELETE", self.url).status == 200
