"""`headgate doctor` says what a release would lack: on a real project, with an account in memory."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from headgate import config
from headgate.app.doctor import Diagnosis, examine
from headgate.bootstrap import RealParts
from headgate.domain.artifact import Bundle, Module
from tests.fakes.fake_platform import FakePlatform

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
service = "shop"
[platform]
account_id = "acc"
[tests]
command = ["npm", "test"]
results = ["reports/junit.xml"]
[secrets]
required = ["CART_SIGNING_KEY"]
[environments.staging]
[environments.production]
[[smoke]]
name = "health"
path = "/health"
"""
BUNDLE = Bundle((Module("index.js", "application/javascript+module", b""),), {"main_module": "index.js"})


def wrangler(**production: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever wrangler takes
    return {"name": "shop", "main": "index.js", "env": {"staging": {}, "production": production}}


class Project:
    """A project's folder and its account, in which everything is as it should be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.platform = FakePlatform()
        self.platform.namespaces = {"a" * 32}
        for script in ("shop-staging", "shop-production"):
            self.platform.create_worker(script, BUNDLE, message="", tag="t")
            self.platform.put_secret(script, "CART_SIGNING_KEY", "x")
        self.write(wrangler(kv_namespaces=[{"binding": "SHOP", "id": "a" * 32}]))
        self.settings = SETTINGS

    def write(self, configuration: dict[str, Any]) -> None:
        (self.folder / "wrangler.jsonc").write_text(json.dumps(configuration))

    def look(self, name: str) -> Diagnosis:
        file = self.folder / "headgate.toml"
        file.write_text(self.settings)
        parts = RealParts(config.load(file))
        parts.__dict__["platform"] = self.platform
        (found,) = [diagnosis for diagnosis in examine(parts) if diagnosis.name == name]
        return found


@pytest.fixture(name="project")
def a_project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("name", ["KV namespaces", "secrets", "documents"])
def test_where_everything_is_there_it_says_so(project: Project, name: str) -> None:
    assert project.look(name).ok


def test_a_kv_namespace_that_is_not_in_the_account_is_told(project: Project) -> None:
    project.platform.namespaces.clear()
    found = project.look("KV namespaces")
    assert not found.ok
    assert f"Production, binding SHOP: the KV namespace {'a' * 32} does not exist." in found.what
    assert "`npx wrangler kv namespace create SHOP --env production`" in found.remedy


def test_a_kv_binding_without_an_id_is_told(project: Project) -> None:
    project.write(wrangler(kv_namespaces=[{"binding": "SHOP"}]))
    assert "it names no KV namespace" in project.look("KV namespaces").what


@pytest.mark.parametrize("odd", [{}, [], ["x"], None])
def test_bindings_of_an_odd_shape_are_left_to_the_gate(project: Project, odd: object) -> None:
    project.write(wrangler(kv_namespaces=odd))
    assert project.look("KV namespaces") == Diagnosis("KV namespaces", ok=True, what="none are bound")


def test_an_environment_that_wrangler_does_not_know_is_told(project: Project) -> None:
    project.write({"name": "shop", "env": {"staging": {}}})
    assert "no environment production" in project.look("KV namespaces").what


def test_a_missing_secret_is_told_with_the_command(project: Project) -> None:
    project.write(wrangler(secrets={"required": ["MAIL_KEY"]}))
    found = project.look("secrets")
    assert not found.ok
    assert "Production: the Worker shop-production has no secret MAIL_KEY." in found.what
    assert found.remedy == "Run: `npx wrangler secret put MAIL_KEY --env production`."


def test_a_worker_that_does_not_exist_yet_is_told_with_the_command(project: Project) -> None:
    project.platform.delete_worker("shop-production")
    found = project.look("secrets")
    assert "the Worker shop-production does not exist yet, so it has no secret CART_SIGNING_KEY" in found.what
    assert "`npx wrangler secret put CART_SIGNING_KEY --env production`" in found.remedy


def test_a_document_folder_that_is_a_file_is_told(project: Project) -> None:
    (project.folder / "package.json").write_text("{}")
    project.settings += '[documents]\nrunbooks = "package.json"\n'
    found = project.look("documents")
    assert not found.ok
    assert "The runbooks cannot be written: package.json is no folder." in found.what


def test_a_folder_where_the_runbook_should_be_is_told(project: Project) -> None:
    (project.folder / "docs" / "runbooks" / "shop.md").mkdir(parents=True)
    assert "docs/runbooks/shop.md is a folder" in project.look("documents").what


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_document_folder_without_the_right_to_write_is_told(project: Project) -> None:
    (project.folder / "docs").mkdir(mode=0o500)
    assert "docs may not be written to" in project.look("documents").what


def test_looking_makes_no_folder_for_documents(project: Project) -> None:
    project.look("documents")
    assert not (project.folder / "docs").exists()


DATADOG = """
[metrics]
source = "datadog"
[metrics.datadog]
requests = "sum:requests{version:{version}} by {status}.as_count()"
"""


def test_a_source_of_measurements_without_its_key_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DD_API_KEY", raising=False)
    project.settings += DATADOG
    found = project.look("measurements")
    assert not found.ok
    assert "DD_API_KEY is not set" in found.what


def test_a_source_that_does_not_answer_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCTORS_TOKEN", "hidden-4711")
    project.settings = project.settings.replace(
        'account_id = "acc"',
        'account_id = "acc"\napi_base = "http://127.0.0.1:9"\ntoken_env = "DOCTORS_TOKEN"',
    )
    project.settings += "[metrics]\nsource = 'cloudflare-analytics'\n"
    found = project.look("measurements")
    assert not found.ok
    assert "analytics cannot be reached" in found.what
    assert "hidden-4711" not in str(found)


def test_a_worker_that_is_not_there_yet_is_not_measured(project: Project) -> None:
    project.platform.delete_worker("shop-production")
    found = project.look("measurements")
    assert found.ok
    assert "shop-production does not exist yet" in found.what
