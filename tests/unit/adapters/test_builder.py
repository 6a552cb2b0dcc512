"""The real wrangler builds small real projects."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from headgate.adapters.calls import MemoryCallLog
from headgate.adapters.wrangler.builder import WranglerBuilder, error_lines
from headgate.adapters.wrangler.project import InstalledWrangler
from headgate.domain.errors import ConfigError, ProjectError
from headgate.domain.settings import EnvironmentSettings

NODE_MODULES = Path(__file__).parents[3] / "node_modules"
STAGING, PRODUCTION = (EnvironmentSettings(name, name) for name in ("staging", "production"))

CONFIGURATION = """{
  "name": "shop",
  "main": "src/index.ts",
  "compatibility_date": "2026-09-01",
  "upload_source_maps": true,
  "env": {
    "staging": { "vars": { "WHERE": "staging" } },
    "production": { "vars": { "WHERE": "production" } },
  },
}
"""
INDEX = """import { greet } from "./greet";
import note from "./note.txt";
export default { async fetch(request: Request, env: { WHERE: string }) {
  return new Response(greet(env.WHERE) + note + process.env.NODE_ENV);
} };
"""

pytestmark = pytest.mark.e2e


@pytest.fixture(name="project")
def a_project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


def write_project(folder: Path) -> Path:
    (folder / "src").mkdir(parents=True)
    (folder / "wrangler.jsonc").write_text(CONFIGURATION)
    (folder / "src" / "index.ts").write_text(INDEX)
    (folder / "src" / "greet.ts").write_text(
        "export const greet = (name: string): string => `héllo ${name}`;\n"
    )
    (folder / "src" / "note.txt").write_text("a note, äöü\n")
    (folder / "node_modules").symlink_to(NODE_MODULES)
    return folder


def builder(project: Path, calls: MemoryCallLog | None = None, **more: float) -> WranglerBuilder:
    found = InstalledWrangler(project)
    cache = project.parent / "cache"
    log = calls or MemoryCallLog()
    return WranglerBuilder(
        project,
        found.configuration(),
        found.wrangler,
        calls=log,
        cache=cache,
        timeout_seconds=more.get("timeout_seconds", 120),
    )


def test_environments_share_the_artifact_and_differ_in_metadata(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "hush")
    calls = MemoryCallLog()
    built = builder(project, calls)
    staging, production = built.build(STAGING), built.build(PRODUCTION)
    assert staging.digest == production.digest
    assert [binding["text"] for binding in staging.metadata["bindings"]] == ["staging"]
    assert [binding["text"] for binding in production.metadata["bindings"]] == ["production"]
    kinds = sorted(module.content_type for module in staging.modules)
    assert kinds == ["application/javascript+module", "application/source-map", "text/plain"]
    line = calls.take()[0]
    assert line.startswith("wrangler deploy --dry-run --env=staging exit 0 (")


def test_the_digest_depends_neither_on_the_folder_nor_on_the_machine(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "some" / "where" / "else"
    shutil.copytree(project, elsewhere, symlinks=True)
    here = builder(project).build(STAGING)
    monkeypatch.setenv("NODE_ENV", "test")
    there = builder(elsewhere).build(STAGING)
    assert there.modules == here.modules
    assert there.metadata == here.metadata
    for module in here.modules:
        assert str(tmp_path).encode() not in module.body


def test_the_digest_depends_on_the_code(project: Path) -> None:
    before = builder(project).build(STAGING).digest
    (project / "src" / "note.txt").write_text("another note\n")
    assert builder(project).build(STAGING).digest != before


def test_a_failing_build_is_told_in_the_words_of_wrangler(project: Path) -> None:
    (project / "src" / "greet.ts").write_text("export const greet = = 1;\n")
    with pytest.raises(ProjectError) as caught:
        builder(project).build(STAGING)
    told = str(caught.value)
    assert "The build for staging failed" in told
    assert 'Unexpected "="' in told
    assert "src/greet.ts:1:21" in told
    assert "\x1b" not in told
    assert "wrangler deploy --dry-run --env=staging" in caught.value.remedy


def test_a_build_that_takes_too_long_is_ended(project: Path) -> None:
    with pytest.raises(ProjectError, match=r"took longer than 0\.2 s"):
        builder(project, timeout_seconds=0.2).build(STAGING)


def test_an_environment_that_is_not_there_is_told(project: Path) -> None:
    with pytest.raises(ConfigError, match="no environment 'qa'"):
        builder(project).build(EnvironmentSettings("qa", "qa"))


def test_what_would_be_left_out_is_refused(project: Path) -> None:
    text = CONFIGURATION.replace('"main"', '"assets": { "directory": "public" }, "main"')
    (project / "wrangler.jsonc").write_text(text)
    with pytest.raises(ProjectError, match=r"static assets"):
        builder(project).build(STAGING)


def test_errors_are_found_among_what_wrangler_says() -> None:
    output = "warm words\n\x1b[31m\u2718 [ERROR] Build failed\x1b[0m\n\n  here\n" + "more\n" * 100
    assert error_lines(output).startswith("\u2718 [ERROR] Build failed\n  here\nmore")
    assert len(error_lines(output).splitlines()) == 30
    assert error_lines("a\n\nb\n") == "a\nb"
    assert error_lines("") == ""


def test_a_cache_that_cannot_be_written_does_not_keep_from_building(project: Path) -> None:
    (project.parent / "cache").write_text("a file where the folder would be")
    assert builder(project).build(STAGING).digest
