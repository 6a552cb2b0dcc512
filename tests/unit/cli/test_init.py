"""`headgate init` writes a headgate.toml that is right, from whatever wrangler configuration there is."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from headgate.config import load
from headgate.config.template import Found, chosen_environments, headgate_toml
from tests.unit.cli.terminal import Printed, headgate

if TYPE_CHECKING:
    from pathlib import Path

    from headgate.domain.settings import Settings


def init(folder: Path, *options: str) -> Printed:
    return headgate(None, "init", *options, project=folder, out=io.StringIO())


def written(folder: Path, wrangler: str, name: str = "wrangler.jsonc") -> Settings:
    (folder / name).write_text(wrangler)
    printed = init(folder)
    assert printed.code == 0, printed.err
    return load(folder / "headgate.toml")


def test_from_a_full_configuration(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(
        json.dumps({"scripts": {"test": "vitest --outputFile=out/junit.xml"}})
    )
    (tmp_path / "pnpm-lock.yaml").touch()
    secrets = '"secrets": {"required": ["API_KEY"]}'
    environments = f'"env": {{"staging": {{{secrets}}}, "production": {{{secrets}}}, "docs": {{}}}}'

    settings = written(tmp_path, f'{{"name": "shop", // the shop\n "account_id": "abc", {environments}}}')

    assert settings.service == "shop"
    assert settings.platform.account_id == "abc"
    assert set(settings.environments) == {"staging", "production"}
    assert settings.required_secrets == ("API_KEY",)
    assert settings.tests.command == ("pnpm", "test")
    assert settings.tests.results == ("out/junit.xml",)
    assert [check.path for check in settings.smoke] == ["/"]


def test_from_a_bare_one(tmp_path: Path) -> None:
    (tmp_path / ".dev.vars").write_text("TOKEN=hunter2\n# NOT=this\nexport OTHER = x\n")

    settings = written(tmp_path, 'name = "my shop!"\n', "wrangler.toml")

    assert settings.service == "my-shop"
    assert settings.wrangler_config == "wrangler.toml"
    assert settings.platform.local_edge == ".headgate/edge"
    assert settings.environments["production"].wrangler_env == ""
    assert settings.environments["staging"].wrangler_env == "staging"
    assert settings.required_secrets == ("OTHER", "TOKEN")
    assert "hunter2" not in (tmp_path / "headgate.toml").read_text()


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ([], {"staging": "staging", "production": ""}),
        (["docs"], {"staging": "staging", "production": ""}),
        (["staging"], {"staging": "staging", "production": ""}),
        (["production"], {"staging": "", "production": "production"}),
        (["dev", "prod", "staging"], {"staging": "staging", "prod": "prod"}),
        (["preview", "live"], {"preview": "preview", "live": "live"}),
    ],
)
def test_the_two_environments_are_found_by_their_usual_names(
    names: list[str], chosen: dict[str, str]
) -> None:
    assert chosen_environments(names) == chosen


@pytest.mark.parametrize("names", [(), ("staging",), ("production",), ("preview", "live"), ("a b",)])
def test_what_is_written_is_always_right(tmp_path: Path, names: tuple[str, ...]) -> None:
    (tmp_path / "wrangler.toml").touch()
    found = Found('a"b\\c', "wrangler.toml", names, "", ("A",), ("x", 'say "hi"'), ("r.xml",))
    text = headgate_toml(found).replace('service = "a\\"b\\\\c"', 'service = "shop"')
    (tmp_path / "headgate.toml").write_text(text)

    assert load(tmp_path / "headgate.toml").tests.command == ("x", 'say "hi"')


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "wrangler.toml").write_text("name = 'shop'")
    (tmp_path / "headgate.toml").write_text("mine")

    printed = init(tmp_path)

    assert printed.code == 2
    assert "There is a headgate.toml already." in printed.err
    assert (tmp_path / "headgate.toml").read_text() == "mine"


def test_without_a_wrangler_configuration_nothing_is_written(tmp_path: Path) -> None:
    printed = init(tmp_path)

    assert printed.code == 2
    assert "no wrangler configuration" in printed.err
    assert not (tmp_path / "headgate.toml").exists()


@pytest.mark.parametrize("package", ["not json", "[]", '{"scripts": 3}', '{"scripts": {"test": "jest"}}'])
def test_an_odd_package_json_is_no_hindrance(tmp_path: Path, package: str) -> None:
    (tmp_path / "package.json").write_text(package)

    assert written(tmp_path, '{"name": "shop"}').tests.command == ("npm", "test")


def test_it_says_what_to_do_next(tmp_path: Path) -> None:
    (tmp_path / "wrangler.jsonc").write_text('{"name": "shop"}')

    printed = init(tmp_path, "--json")

    assert printed.data["file"] == str(tmp_path / "headgate.toml")
    assert "Add the environment `staging` to wrangler.jsonc (env.staging)." in printed.data["next_steps"]
    assert any("headgate doctor" in step for step in printed.data["next_steps"])
