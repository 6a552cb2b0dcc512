from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from headgate.config.load import load
from tools.node import wheel_folder
from tools.shop import BETTER, FLAKY, lay_out, lay_over

if TYPE_CHECKING:
    from pathlib import Path

BIN = wheel_folder() / "bin"
ENVIRONMENT = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}

UNDER_TRAFFIC = """
import { Shop } from "./test/shop.ts";
console.error = () => undefined;
const shop = new Shop();
const statuses = [];
for (let asked = 0; asked < 36; asked += 1) statuses.push((await shop.get("/")).status);
console.log(statuses.join(" "));
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    lay_out(folder)
    return folder


def _node(folder: Path, *arguments: str) -> str:
    command = [str(BIN / "node"), *arguments]
    run = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("releases", [(), (BETTER,), (BETTER, FLAKY)], ids=["good", "better", "flaky"])
def test_each_release_passes_its_own_tests(shop: Path, releases: tuple[str, ...]) -> None:
    for release in releases:
        lay_over(shop, release)
    told = _node(shop, "--run", "test")
    passed = re.search(r"pass (\d+)", told)
    assert passed
    assert int(passed[1]) >= 29
    assert "<testcase " in (shop / "reports" / "junit.xml").read_text()


def test_headgate_understands_its_headgate_toml(shop: Path) -> None:
    settings = load(shop / "headgate.toml")
    assert settings.service == "shop"
    assert len(settings.smoke) == 4


def test_the_flaky_release_answers_a_smoke_test_and_fails_under_traffic(shop: Path) -> None:
    lay_over(shop, BETTER)
    lay_over(shop, FLAKY)
    statuses = _node(shop, "--input-type=module", "--eval", UNDER_TRAFFIC).split()
    assert statuses[:32] == ["200"] * 32
    assert statuses[32:] == ["500"] * 4


def test_the_better_release_stands_the_same_traffic(shop: Path) -> None:
    lay_over(shop, BETTER)
    assert set(_node(shop, "--input-type=module", "--eval", UNDER_TRAFFIC).split()) == {"200"}
