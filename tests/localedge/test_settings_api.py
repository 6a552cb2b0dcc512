"""Settings and the subdomain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


def test_settings_are_those_of_the_latest_version(edge: RunningEdge, script: str) -> None:
    edge.deploy(script, compatibility_flags=["nodejs_compat"])
    settings = edge.api("GET", f"/workers/scripts/{script}/settings").result
    assert settings["bindings"] == [{"name": "META", "type": "version_metadata"}]
    assert settings["compatibility_date"] == "2026-01-01"
    assert settings["compatibility_flags"] == ["nodejs_compat"]


def test_changed_version_settings_serve_at_once(edge: RunningEdge, script: str) -> None:
    before = edge.deploy(script)
    text = {"name": "TOKEN", "type": "plain_text", "text": "from settings"}
    wanted = {"bindings": [{"name": "META", "type": "inherit"}, text], "tags": ["team:shop"]}
    form = {"settings": (None, json.dumps(wanted))}
    changed = edge.api("PATCH", f"/workers/scripts/{script}/settings", files=form).result
    assert changed["tags"] == ["team:shop"]
    told = edge.visit(script).json()
    assert told["secret"] == "from settings"
    assert told["version"] != before


def test_settings_are_refused_while_the_latest_version_does_not_serve(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    edge.add_version(script, "not yet")
    body = {"compatibility_date": "2026-02-02"}
    answer = edge.api("PATCH", f"/workers/scripts/{script}/settings", json=body)
    assert (answer.status, answer.codes) == (400, [10214])


def test_script_settings_need_no_new_version(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    path = f"/workers/scripts/{script}/script-settings"
    edge.api("PATCH", path, json={"tags": ["a"], "observability": {"enabled": True}})
    edge.api("PATCH", path, json={"logpush": True})
    assert edge.api("GET", path).result == {
        "logpush": True,
        "observability": {"enabled": True},
        "tags": ["a"],
        "tail_consumers": None,
    }
    assert len(edge.api("GET", f"/workers/scripts/{script}/versions").result["items"]) == 1


def test_the_subdomain_switch_is_remembered(edge: RunningEdge, script: str) -> None:
    edge.deploy(script)
    assert edge.api("GET", "/workers/subdomain").result == {"subdomain": "local"}
    path = f"/workers/scripts/{script}/subdomain"
    assert edge.api("GET", path).result == {"enabled": True, "previews_enabled": True}
    assert edge.api("POST", path, json={"enabled": False}).result["enabled"] is False
    told = edge.api("GET", f"/workers/workers/{script}").result
    assert told["subdomain"]["enabled"] is False
    assert told["subdomain"]["preview_url_suffix"].startswith(f"-{script}.localhost:")
    assert told["subdomain"]["url"].startswith(f"http://{script}.localhost:")
    assert edge.api("POST", path, json={"enabled": "yes"}).status == 400


@pytest.mark.parametrize("path", ["settings", "script-settings", "schedules", "subdomain"])
def test_a_worker_that_is_not_there_has_no_settings(edge: RunningEdge, script: str, path: str) -> None:
    answer = edge.api("GET", f"/workers/scripts/{script}/{path}")
    assert (answer.status, answer.codes) == (404, [10007])
