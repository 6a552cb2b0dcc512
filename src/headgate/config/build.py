"""From a checked document to Settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from headgate.config.metrics import metrics_of
from headgate.config.wrangler_file import find_wrangler_file
from headgate.domain.rollout.stages import RolloutRules
from headgate.domain.settings import (
    EnvironmentSettings,
    JudgeSettings,
    NotifySettings,
    PlatformSettings,
    Settings,
    SmokeCheck,
    TestSettings,
    WatchRules,
)

Part = TypeVar(
    "Part",
    PlatformSettings,
    TestSettings,
    WatchRules,
    RolloutRules,
    JudgeSettings,
    NotifySettings,
    SmokeCheck,
)
Table = Mapping[str, Any]


def settings_of(document: Table, project: Path) -> Settings:
    """The settings; what the document leaves out has the default of `domain.settings`."""
    documents = {name: at_home(folder) for name, folder in document.get("documents", {}).items()}
    return Settings(
        service=document["service"],
        project=str(project),
        wrangler_config=find_wrangler_file(project, at_home(document.get("wrangler_config", ""))),
        environments={name: _environment(name, table) for name, table in document["environments"].items()},
        platform=_platform(document["platform"]),
        tests=_tests(document.get("tests", {})),
        required_secrets=tuple(document.get("secrets", {}).get("required", ())),
        smoke=tuple(_part(SmokeCheck, check) for check in document["smoke"]),
        watch=_part(WatchRules, document.get("watch", {})),
        rollout=_part(RolloutRules, document.get("rollout", {})),
        judge=_part(JudgeSettings, document.get("judge", {})),
        metrics=metrics_of(document.get("metrics", {})),
        notify=_part(NotifySettings, document.get("notify", {})),
        **document.get("release", {}),
        **documents,
    )


def at_home(path: str) -> str:
    """A path with `~` as the home folder; any other stays relative to the project."""
    return str(Path(path).expanduser()) if path.startswith("~") else path


def _platform(table: Table) -> PlatformSettings:
    platform = dict(table)
    if "local_edge" in platform:
        platform["local_edge"] = at_home(platform["local_edge"])
    if "api_base" in platform:
        platform["api_base"] = platform["api_base"].rstrip("/")
    return _part(PlatformSettings, platform)


def _tests(table: Table) -> TestSettings:
    results = [at_home(path) for path in table.get("results", ())]
    return _part(TestSettings, {**table, "results": results})


def _environment(name: str, table: Table) -> EnvironmentSettings:
    return EnvironmentSettings(name, table.get("wrangler_env", name), str(table.get("url", "")).rstrip("/"))


def _part(kind: type[Part], table: Table) -> Part:
    types = {field.name: str(field.type) for field in fields(kind)}
    converted: dict[str, Any] = {key: _as(types[key], value) for key, value in table.items()}
    return kind(**converted)


def _as(wanted: str, value: object) -> object:
    """TOML tells `30` from `30.0` and has lists; settings want fractions, and tuples."""
    if wanted == "float" and isinstance(value, int):
        return float(value)
    if isinstance(value, list) and wanted == "tuple[float, ...]":
        return tuple(float(one) for one in value)
    return tuple(value) if isinstance(value, list) and wanted.startswith("tuple") else value
