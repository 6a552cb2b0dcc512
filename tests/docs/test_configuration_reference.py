"""The schema, the settings and docs/reference/configuration.md say the same."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import jsonschema_rs
import pytest

from headgate.config.shape import schema
from headgate.domain import settings
from headgate.domain.role import Role
from headgate.domain.rollout import sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "configuration.md").read_text()
TOP: Mapping[str, Any] = schema()["properties"]


class DataClass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def inner(*path: str) -> Mapping[str, Any]:
    found: Any = schema()
    for part in path:
        found = found[part]
    properties: Mapping[str, Any] = found["properties"]
    return properties


SECTIONS = [
    (settings.PlatformSettings, inner("properties", "platform"), set()),
    (settings.TestSettings, inner("properties", "tests"), set()),
    (settings.WatchRules, inner("properties", "watch"), set()),
    (settings.NotifySettings, inner("properties", "notify"), set()),
    (settings.SmokeCheck, inner("$defs", "smoke"), set()),
    (settings.EnvironmentSettings, inner("$defs", "environment"), {"name"}),
]


def test_the_page_and_the_published_schema_are_up_to_date() -> None:
    command = [sys.executable, "tools/configuration_reference.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_schema_is_a_schema() -> None:
    assert jsonschema_rs.meta.is_valid(schema())


@pytest.mark.parametrize(("kind", "keys", "elsewhere"), SECTIONS)
def test_a_section_has_exactly_the_fields_of_its_settings(
    kind: type[DataClass], keys: Mapping[str, Any], elsewhere: set[str]
) -> None:
    assert set(keys) == {field.name for field in fields(kind)} - elsewhere


@pytest.mark.parametrize(("kind", "keys", "elsewhere"), SECTIONS)
def test_a_default_is_the_same_in_both(
    kind: type[DataClass], keys: Mapping[str, Any], elsewhere: set[str]
) -> None:
    for field in fields(kind):
        default = _default(field)
        if default is not MISSING and default is not None:
            assert keys[field.name]["default"] == default, field.name


TUPLES = [
    (sources.PrometheusSettings, inner("$defs", "prometheus"), {"queries"}),
    (sources.DatadogSettings, inner("$defs", "datadog"), {"queries"}),
    (sources.CustomMetric, inner("$defs", "custom_metric"), set()),
    (sources.MetricsSettings, inner("properties", "metrics"), set()),
]


@pytest.mark.parametrize(("kind", "keys", "within"), TUPLES)
def test_the_sources_of_measurements_have_the_keys_and_defaults_of_their_settings(
    kind: Any,  # noqa: ANN401 - a class of named tuples
    keys: Mapping[str, Any],
    within: set[str],
) -> None:
    queries = set(sources.Queries._fields) if within else set()
    assert set(keys) - queries == set(kind._fields) - within
    defaults = {**kind._field_defaults, **(sources.Queries._field_defaults if within else {})}
    for key, rules in keys.items():
        if "default" in rules:
            assert rules["default"] == defaults[key], key


def test_the_top_has_the_rest_of_the_settings() -> None:
    expected = {
        "secrets": {"required"},
        "release": {"staging", "production"},
        "documents": {"runbooks", "reports"},
    }
    assert {key: set(TOP[key]["properties"]) for key in expected} == expected

    named = {field.name for field in fields(settings.Settings)} - {"project", "required_secrets"}
    assert (
        named
        == (set(TOP) - {"secrets", "release", "documents"}) | expected["release"] | expected["documents"]
    )


def test_the_defaults_of_the_top_are_the_same() -> None:
    defaults = {field.name: field.default for field in fields(settings.Settings)}
    for section in ("release", "documents"):
        for key, rules in TOP[section]["properties"].items():
            assert rules["default"] == defaults[key]


def test_roles_are_those_of_the_domain() -> None:
    names = TOP["notify"]["properties"]["webhooks"]["propertyNames"]["enum"]

    assert names == [role.value for role in Role]


def test_every_key_is_on_the_page() -> None:
    for key in _keys(schema()):
        assert f"`{key}`" in PAGE or f"[{key}" in PAGE or f".{key}]" in PAGE, key


def test_every_key_has_a_description_and_every_example_is_allowed() -> None:
    for path, rules in _rules(schema()):
        assert rules.get("description"), path
        for example in rules.get("examples", ()):
            assert jsonschema_rs.Draft202012Validator(dict(rules)).is_valid(example), path


def test_the_example_on_the_page_is_right() -> None:
    example = PAGE.partition("```toml\n")[2].partition("```")[0]

    assert jsonschema_rs.Draft202012Validator(schema()).is_valid(tomllib.loads(example))


def _default(field: Field[Any]) -> object:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return list(default) if isinstance(default, tuple) else default


def _rules(rules: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    holders = (rules, *rules.get("$defs", {}).values())
    for key, found in (pair for holder in holders for pair in holder.get("properties", {}).items()):
        yield key, found
        yield from _rules(found)


def _keys(rules: Mapping[str, Any]) -> set[str]:
    return {key for key, _ in _rules(rules)}
