from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headgate.adapters.wrangler.carried import not_carried
from headgate.adapters.wrangler.configuration import parse, read_configuration
from headgate.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

JSONC = """{
  // which Worker
  "name": "shop",
  "main": "src/index.ts", /* and more */
  "env": {
    "staging": {},
    "production": { "name": "the-shop", },
  },
}
"""
TOML = 'name = "shop"\n[env.staging]\n[env.production]\nname = "the-shop"\n'


@pytest.mark.parametrize(("name", "text"), [("wrangler.jsonc", JSONC), ("wrangler.toml", TOML)])
def test_both_forms_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text("\ufeff" + text)
    found = read_configuration(tmp_path)
    assert (found.path, found.text) == (name, text)
    assert found.script_name("") == "shop"
    assert found.script_name("staging") == "shop-staging"
    assert found.script_name("production") == "the-shop"


def test_without_a_name_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "wrangler.jsonc").write_text('{"env": {"staging": {}}}')
    assert read_configuration(tmp_path).script_name("staging") == ""


def test_they_are_looked_for_as_wrangler_does(tmp_path: Path) -> None:
    for name in ("wrangler.toml", "wrangler.jsonc", "wrangler.json"):
        (tmp_path / name).write_text('name = "x"' if name.endswith("toml") else "{}")
        assert read_configuration(tmp_path).path == name


def test_a_named_file_is_the_one(tmp_path: Path) -> None:
    (tmp_path / "wrangler.jsonc").write_text("{}")
    (tmp_path / "workers").mkdir()
    (tmp_path / "workers" / "other.toml").write_text(TOML)
    assert read_configuration(tmp_path, "workers/other.toml").path == "workers/other.toml"
    with pytest.raises(ConfigError) as caught:
        read_configuration(tmp_path, "gone.toml")
    assert caught.value.where == str(tmp_path / "gone.toml")


def test_without_one_the_remedy_names_them_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no wrangler configuration") as caught:
        read_configuration(tmp_path)
    assert "wrangler.json or wrangler.jsonc or wrangler.toml" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "path", "where", "what"),
    [
        ('{\n "a": 1,\n "b": }\n}', "w.jsonc", "w.jsonc:3", "'}' is not expected here"),
        ('{"ü": 1,\n\n x}', "w.jsonc", "w.jsonc:3", "not expected here"),
        ('{"a": 1}\nmore', "w.json", "w.json:2", "'m' is not expected here"),
        ('{"a": 1,,}', "w.json", "w.json:1", "comma is not expected here"),
        ('\n{"a": {"b": 1}', "w.json", "w.json:2", "ends before"),
        ("", "w.json", "w.json:1", "ends before"),
        ("[1]", "w.json", "w.json", "no object"),
        ("a = \n", "w.toml", "w.toml", "line 1"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, path: str, where: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, path)
    assert caught.value.where == where
    assert what in caught.value.what


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "wrangler.jsonc").write_bytes(b"\xff\xfe{")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_configuration(tmp_path)


def test_what_a_bundle_cannot_carry_is_named() -> None:
    assert not_carried({"name": "shop", "kv_namespaces": [1], "migrations": [], "assets": None}) == ()
    assert not_carried({"assets": {"directory": "public"}, "migrations": [{"tag": "v1"}]}) == (
        "static assets (`assets`)",
        "Durable Object migrations (`migrations`)",
    )


def test_a_table_that_is_there_twice_is_told_as_toml_has_it() -> None:
    with pytest.raises(ConfigError, match=r"Cannot declare `env\.staging` twice"):
        parse("[env.staging]\n[env.staging]\n", "wrangler.toml")
