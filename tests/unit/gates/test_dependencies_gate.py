"""The gate `dependencies`."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from headgate.domain.gate import Verdict
from headgate.gates.dependencies import DependenciesGate
from headgate.gates.parts.npm_lock import out_of_step
from tests.unit.gates.stage import LOCK, PACKAGE, Stage, only, rules

if TYPE_CHECKING:
    from collections.abc import Callable


def _package(stage: Stage, **changes: object) -> None:
    stage.write("package.json", json.dumps({**PACKAGE, **changes}))


def _lock(stage: Stage, change: Callable[[dict[str, Any]], object]) -> None:
    lock = copy.deepcopy(LOCK)
    change(lock)
    stage.write("package-lock.json", json.dumps(lock))


def test_a_lock_file_in_step_passes(stage: Stage) -> None:
    result = stage.ask(DependenciesGate())

    assert result.verdict is Verdict.PASS
    assert result.summary == "package-lock.json is in step, 2 direct dependencies"


def test_without_a_package_there_is_nothing_to_lock(stage: Stage) -> None:
    (stage.project / "package.json").unlink()

    result = stage.ask(DependenciesGate())

    assert (result.verdict, result.summary) == (
        Verdict.PASS,
        "no package.json: the Worker has no npm dependencies",
    )


def test_without_dependencies_no_lock_file_is_needed(stage: Stage) -> None:
    (stage.project / "package-lock.json").unlink()
    stage.write("package.json", "{}")

    assert stage.ask(DependenciesGate()).summary == "package.json asks for no dependencies"


def _no_lock(stage: Stage) -> None:
    (stage.project / "package-lock.json").unlink()


def _merge_conflict(stage: Stage) -> None:
    stage.write("package-lock.json", "<<<<<<< HEAD\n{}\n=======\n")


def _lock_is_a_list(stage: Stage) -> None:
    stage.write("package-lock.json", "[]")


def _broken_package(stage: Stage) -> None:
    stage.write("package.json", "{")


def _added(stage: Stage) -> None:
    _package(stage, dependencies={"hono": "^4.0.0", "zod": "^3.0.0"})


def _removed(stage: Stage) -> None:
    _package(stage, dependencies={})


def _other_range(stage: Stage) -> None:
    _package(stage, dependencies={"hono": "^5.0.0"})


def _not_resolved(stage: Stage) -> None:
    _lock(stage, lambda lock: lock["packages"].pop("node_modules/hono"))


def _other_version(stage: Stage) -> None:
    _lock(stage, lambda lock: lock["packages"]["node_modules/typescript"].update(version="5.8.0"))


def _old_lock(stage: Stage) -> None:
    stage.write("package-lock.json", json.dumps({"lockfileVersion": 1, "dependencies": {"hono": {}}}))


def _installed_otherwise(stage: Stage) -> None:
    installed = {"packages": {"node_modules/hono": {"version": "4.5.0"}}}
    stage.write("node_modules/.package-lock.json", json.dumps(installed))


def _not_installed(stage: Stage) -> None:
    stage.write("node_modules/.package-lock.json", json.dumps({"packages": {}}))


@pytest.mark.parametrize(
    ("break_it", "rule", "said"),
    [
        (_no_lock, "lock-missing", "no lock file"),
        (_merge_conflict, "lock-unreadable", "package-lock.json cannot be read"),
        (_lock_is_a_list, "lock-unreadable", "not a table"),
        (_broken_package, "manifest-unreadable", "package.json cannot be read"),
        (
            _added,
            "lock-out-of-step",
            'zod: "^3.0.0" in package.json, nothing in the lock file (dependencies)',
        ),
        (_removed, "lock-out-of-step", 'hono: nothing in package.json, "^4.0.0" in the lock file'),
        (_other_range, "lock-out-of-step", 'hono: "^5.0.0" in package.json, "^4.0.0" in the lock file'),
        (_not_resolved, "lock-out-of-step", "hono has no entry"),
        (
            _other_version,
            "lock-out-of-step",
            "typescript is locked as 5.8.0, and package.json asks for 5.9.3",
        ),
        (_old_lock, "lock-out-of-step", "typescript is not in it"),
        (_installed_otherwise, "installed-differs", "hono is installed as 4.5.0, not 4.6.1"),
        (_not_installed, "installed-differs", "hono is not installed"),
    ],
)
def test_what_rejects(stage: Stage, break_it: Callable[[Stage], None], rule: str, said: str) -> None:
    break_it(stage)

    finding = only(stage.ask(DependenciesGate()))

    assert (finding.rule, finding.verdict) == (rule, Verdict.FAIL)
    assert said in finding.what
    assert finding.remedy


def test_an_installation_without_development_packages_is_right(stage: Stage) -> None:
    installed = {"packages": {"node_modules/hono": {"version": "4.6.1"}}}
    stage.write("node_modules/.package-lock.json", json.dumps(installed))

    assert stage.ask(DependenciesGate()).verdict is Verdict.PASS


def test_an_optional_dependency_need_not_be_resolved(stage: Stage) -> None:
    optional = {"dependencies": {"hono": "^4.0.0"}, "optionalDependencies": {"fsevents": "^2.0.0"}}
    _package(stage, **optional)
    _lock(stage, lambda lock: lock["packages"][""].update(optional))

    assert stage.ask(DependenciesGate()).verdict is Verdict.PASS


def test_ten_differences_are_named_and_the_others_counted(stage: Stage) -> None:
    _package(stage, dependencies={"hono": "^4.0.0"} | {f"p{n:02}": "*" for n in range(12)})

    what = only(stage.ask(DependenciesGate())).what

    # Each is missing twice: among the specifications, and among the resolved packages.
    assert what.count(";") == 10
    assert what.endswith("and 14 more.")


@pytest.mark.parametrize("name", ["pnpm-lock.yaml", "yarn.lock", "bun.lock"])
def test_the_lock_file_of_another_manager_is_not_compared_and_that_is_said(stage: Stage, name: str) -> None:
    (stage.project / "package-lock.json").rename(stage.project / name)

    finding = only(stage.ask(DependenciesGate()))

    assert (finding.rule, finding.verdict) == ("lock-not-compared", Verdict.WARN)


def test_several_lock_files_are_doubtful_and_package_json_says_which_counts(stage: Stage) -> None:
    stage.write("yarn.lock", "")
    assert rules(stage.ask(DependenciesGate())) == ["several-locks"]

    _package(stage, packageManager="yarn@4.5.0")
    assert rules(stage.ask(DependenciesGate())) == ["several-locks", "lock-not-compared"]


class TestWorkspace:
    """A package in a repository whose root holds the lock file."""

    @pytest.fixture
    def worker(self, stage: Stage) -> Stage:
        (stage.project / ".git").mkdir()
        inner = Stage(stage.project / "workers" / "shop")
        (inner.project / "package-lock.json").unlink()
        stage.write("package.json", json.dumps({"workspaces": ["workers/*"]}))
        return inner

    def test_is_compared_with_its_own_entry(self, stage: Stage, worker: Stage) -> None:
        locked = {"node_modules/hono": {"version": "4.6.1"}, "workers/shop/node_modules/typescript": {}}
        stage.write("package-lock.json", json.dumps({"packages": {"workers/shop": PACKAGE, **locked}}))

        result = worker.ask(DependenciesGate())

        assert (result.verdict, result.facts) == (
            Verdict.PASS,
            {"lock": "../../package-lock.json", "direct_dependencies": 2},
        )

    def test_unknown_to_the_lock_file_is_rejected(self, stage: Stage, worker: Stage) -> None:
        stage.write("package-lock.json", json.dumps({"packages": {"": {}}}))

        finding = only(worker.ask(DependenciesGate()))

        assert "does not know the workspace workers/shop" in finding.what

    def test_a_lock_file_around_it_that_is_no_workspace_does_not_count(
        self, stage: Stage, worker: Stage
    ) -> None:
        stage.write("package.json", json.dumps(PACKAGE))

        assert rules(worker.ask(DependenciesGate())) == ["lock-missing"]

    def test_nothing_beyond_the_git_repository_counts(self, stage: Stage, worker: Stage) -> None:
        (worker.project / ".git").mkdir()

        assert rules(worker.ask(DependenciesGate())) == ["lock-missing"]


@pytest.mark.parametrize("lock", [{}, {"packages": []}, {"packages": {"": []}}, {"dependencies": "no"}])
def test_a_lock_file_of_any_shape_is_read_without_harm(lock: dict[str, Any]) -> None:
    assert out_of_step(PACKAGE, lock, "")
