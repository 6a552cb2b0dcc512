"""A right headgate.toml, read into settings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from headgate.config import load
from headgate.domain import settings
from headgate.domain.rollout.stages import RolloutRules
from headgate.domain.settings import (
    EnvironmentSettings,
    JudgeSettings,
    NotifySettings,
    PlatformSettings,
    Settings,
    SmokeCheck,
    WatchRules,
)
from tests.unit.config.project import SMALLEST, write

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = """\
service = "shop"
wrangler_config = "worker/wrangler.toml"

[platform]
account_id = "abc"
api_base = "https://api.example.com/v4/"
token_env = "TOKEN"
timeout_seconds = 5

[environments.test]
wrangler_env = "preview"
[environments.live]
wrangler_env = ""
url = "https://shop.example.com/"

[release]
staging = "test"
production = "live"

[tests]
command = ["npm", "test"]
results = ["reports/junit.xml", "~/more.xml"]
timeout_seconds = 60

[secrets]
required = ["CART_SIGNING_KEY"]

[[smoke]]
name = "cart"
path = "/cart?x=1"
method = "POST"
status = 201
body = "{}"
body_contains = "ok"
json_path = "items.0.name"
json_equals = ["tea", 1]
timeout_seconds = 2
[smoke.headers]
accept = "application/json"

[[smoke]]
name = "script"
command = ["./smoke.sh", "-v"]

[watch]
duration_seconds = 30

[rollout]
strategy = "canary"
steps = [10, 100]
pauses = [10]

[judge]
grace_seconds = 5

[notify]
timeout_seconds = 1
[notify.webhooks]
developer = "env:DEVELOPER_WEBHOOK"

[documents]
runbooks = "~/runbooks"
reports = "out"
"""


def test_the_smallest_file_has_the_defaults_of_the_domain(tmp_path: Path) -> None:
    assert load(write(tmp_path, SMALLEST)) == Settings(
        service="shop",
        project=str(tmp_path),
        wrangler_config="wrangler.jsonc",
        environments={
            "staging": EnvironmentSettings("staging", "staging"),
            "production": EnvironmentSettings("production", "production"),
        },
        platform=PlatformSettings(local_edge=".headgate/edge"),
        smoke=(SmokeCheck("front page"),),
    )


def test_everything_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    (tmp_path / "worker").mkdir()

    assert load(write(tmp_path, EVERYTHING, wrangler="worker/wrangler.toml")) == Settings(
        service="shop",
        project=str(tmp_path),
        wrangler_config="worker/wrangler.toml",
        environments={
            "test": EnvironmentSettings("test", "preview"),
            "live": EnvironmentSettings("live", "", "https://shop.example.com"),
        },
        staging="test",
        production="live",
        platform=PlatformSettings("", "abc", "https://api.example.com/v4", "TOKEN", 5.0),
        tests=settings.TestSettings(("npm", "test"), ("reports/junit.xml", "/home/ann/more.xml"), 60.0),
        required_secrets=("CART_SIGNING_KEY",),
        smoke=(
            SmokeCheck(
                name="cart",
                path="/cart?x=1",
                method="POST",
                headers={"accept": "application/json"},
                body="{}",
                status=201,
                body_contains="ok",
                json_path="items.0.name",
                json_equals=["tea", 1],
                timeout_seconds=2.0,
            ),
            SmokeCheck(name="script", command=("./smoke.sh", "-v")),
        ),
        watch=WatchRules(duration_seconds=30.0),
        rollout=RolloutRules("canary", (10.0, 100.0), pauses=(10.0,)),
        judge=JudgeSettings(grace_seconds=5.0),
        notify=NotifySettings({"developer": "env:DEVELOPER_WEBHOOK"}, 1.0),
        runbooks="/home/ann/runbooks",
        reports="out",
    )


def test_seconds_are_fractions_even_where_the_file_has_whole_numbers(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, EVERYTHING.replace("worker/", ""), wrangler="wrangler.toml"))

    assert isinstance(loaded.watch.duration_seconds, float)
    assert isinstance(loaded.rollout.steps[0], float)


def test_the_wrangler_file_is_found_as_wrangler_finds_it(tmp_path: Path) -> None:
    (tmp_path / "wrangler.json").write_text("{}")
    (tmp_path / "wrangler.toml").write_text("")

    assert load(write(tmp_path, SMALLEST)).wrangler_config == "wrangler.json"


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbf" + SMALLEST.encode(), SMALLEST.replace("\n", "\r\n").encode()]
)
def test_files_of_other_editors_are_read(tmp_path: Path, text: bytes) -> None:
    assert load(write(tmp_path, text)).service == "shop"


def test_a_file_that_was_checked_is_not_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, SMALLEST)
    first = load(file)
    monkeypatch.delitem(sys.modules, "headgate.config.shape", raising=False)
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)

    assert load(file) == first

    write(tmp_path, SMALLEST + "# changed\n")
    with pytest.raises(ImportError):
        load(file)


def test_a_folder_that_cannot_be_written_to_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / ".headgate").write_text("a file where a folder would be made")

    assert load(write(tmp_path, SMALLEST)).service == "shop"
