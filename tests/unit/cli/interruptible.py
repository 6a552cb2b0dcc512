"""Runs `headgate deploy` on a release that does not end by itself, so that a test can press Ctrl-C."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from headgate.entrypoints.cli.context import Context
from headgate.entrypoints.cli.main import parse, run
from tests.unit.cli.fake_application import FakeApplication
from tests.unit.report import stories

if TYPE_CHECKING:
    from headgate.app import Application


class Deaf(FakeApplication):
    """An application whose changes never notice an abort."""

    def abort(self, change_id: str, **_: object) -> None:
        self.asked.append(("abort", change_id))


def main(kind: str, *options: str) -> int:
    """`kind` is `obeys` or `deaf`."""
    application = (Deaf if kind == "deaf" else FakeApplication)(stories.rolled_back, hold=True)
    args = parse("deploy", ["--reason", "x", *options])
    context = Context(
        json="json" in args,
        environ={"USER": "ann"},
        make_application=lambda _project: cast("Application", application),
        make_clock=lambda: application.clock,
    )
    return run("deploy", args, context)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
