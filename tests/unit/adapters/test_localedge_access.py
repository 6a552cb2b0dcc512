from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from headgate.adapters.cloudflare.access import from_environment
from headgate.adapters.localedge import access, metrics_url
from headgate.domain.errors import ConfigError, PlatformRefused, PlatformUnreachable
from headgate.domain.settings import PlatformSettings

if TYPE_CHECKING:
    from pathlib import Path

EDGE: dict[str, Any] = {
    "pid": os.getpid(),
    "api_url": "http://127.0.0.1:4001/client/v4",
    "traffic_url": "http://127.0.0.1:4002",
    "account_id": "a" * 32,
    "token": "hush",
    "subdomain": "local",
    "started_at": "2026-11-23T12:00:00Z",
}


def write(folder: Path, **changed: object) -> None:
    (folder / "edge.json").write_text(json.dumps(EDGE | changed))


def test_a_running_edge_tells_all_that_is_needed(tmp_path: Path) -> None:
    write(tmp_path)
    found = access(tmp_path)
    assert (found.api_url, found.traffic_url) == (EDGE["api_url"], EDGE["traffic_url"])
    assert (found.account_id, found.token) == ("a" * 32, "hush")
    assert metrics_url(found) == "http://127.0.0.1:4001/metrics"
    assert "hush" not in repr(found)


def ended_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.mark.parametrize("pid", [0, -1, "ended"])
def test_an_edge_whose_process_is_gone_has_stopped(tmp_path: Path, pid: object) -> None:
    write(tmp_path, pid=ended_pid() if pid == "ended" else pid)
    with pytest.raises(PlatformUnreachable, match="has stopped") as caught:
        access(tmp_path)
    assert "headgate edge up" in caught.value.remedy


def test_without_the_file_it_does_not_run(tmp_path: Path) -> None:
    with pytest.raises(PlatformUnreachable, match="not running") as caught:
        access(tmp_path / "edge")
    assert "headgate edge up" in caught.value.remedy
    assert caught.value.where == str(tmp_path / "edge" / "edge.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "[1]", "null", "{}", '{"pid": "x"}', '{"pid": null}'])
def test_a_file_that_makes_no_sense_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "edge.json").write_text(text)
    with pytest.raises(PlatformUnreachable, match="What the local edge wrote"):
        access(tmp_path)


def test_the_platform_itself_needs_an_account_and_a_token() -> None:
    settings = PlatformSettings(account_id="b" * 32, token_env="MY_TOKEN")
    found = from_environment(settings, {"MY_TOKEN": " hush\n"})
    assert (found.token, found.token_source) == ("hush", "the variable MY_TOKEN")
    assert found.api_url == "https://api.cloudflare.com/client/v4"
    with pytest.raises(PlatformRefused, match="MY_TOKEN"):
        from_environment(settings, {"CLOUDFLARE_API_TOKEN": "other"})
    with pytest.raises(ConfigError, match="No account"):
        from_environment(PlatformSettings(), {"CLOUDFLARE_API_TOKEN": "hush"})
