"""Runs `headgate deploy` or `rollback` where it does not end by itself, so that a test can stop it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from headgate.entrypoints.cli.context import Context
from headgate.entrypoints.cli.main import parse, run
from tests.unit.cli.fake_application import WAIT_SECONDS_MAX, FakeApplication
from tests.unit.report import stories

if TYPE_CHECKING:
    from headgate.app import Application


class Deaf(FakeApplication):
    """An application whose changes never notice an abort."""

    def abort(self, change_id: str, **_: object) -> None:
        self.asked.append(("abort", change_id))


class Building(FakeApplication):
    """An application whose release is proposed, and then never handed over."""

    def release(self, **asked: object) -> str:
        self.propose(str(asked["reason"]))
        return self._wait()

    def rollback(self, **asked: object) -> str:
        self.propose(str(asked["reason"]))
        return self._wait()

    def abort(self, change_id: str, **asked: object) -> None:
        print(f"withdrawn: {asked['why']}", flush=True)

    def _wait(self) -> str:
        print("step: upload to staging", flush=True)
        time.sleep(WAIT_SECONDS_MAX)
        raise TimeoutError("nobody stopped it")


KINDS = {"obeys": FakeApplication, "deaf": Deaf, "building": Building, "moving": Building}


def main(kind: str, *options: str) -> int:
    """`kind` is one of KINDS; `moving` is a rollback whose traffic moves."""
    application = KINDS[kind](stories.rolled_back, hold=True)
    command = "rollback" if kind == "moving" else "deploy"
    args = parse(command, ["--reason", "x", *options])
    context = Context(
        json="json" in args,
        environ={"USER": "ann"},
        make_application=lambda _project: cast("Application", application),
        make_clock=lambda: application.clock,
    )
    return run(command, args, context)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
