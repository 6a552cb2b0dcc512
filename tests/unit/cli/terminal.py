"""Running commands on a fake application, and keeping what they print."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from headgate.entrypoints.cli.context import Context
from headgate.entrypoints.cli.main import parse, run

if TYPE_CHECKING:
    from pathlib import Path

    from headgate.app import Application
    from tests.unit.cli.fake_application import FakeApplication

ENVIRONMENT = {"TERM": "xterm", "GITHUB_ACTOR": "octocat"}


@dataclass(frozen=True)
class Printed:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


def context_for(application: FakeApplication | None, **more: object) -> Context:
    """A context whose streams are kept in memory."""

    def make(_project: Path | None) -> Application:
        assert application is not None, "this command needs no application"
        return cast("Application", application)

    given: dict[str, Any] = {"environ": ENVIRONMENT, "out": io.StringIO(), "err": io.StringIO(), **more}
    if application is not None:
        given["make_clock"] = lambda: application.clock
    return Context(make_application=make, **given)


def headgate(application: FakeApplication | None, *arguments: str, **more: object) -> Printed:
    """Run `headgate ARGUMENTS`."""
    args = parse(arguments[0], list(arguments[1:]))
    context = context_for(application, json="json" in args, verbose="verbose" in args, **more)
    code = run(arguments[0], args, context)
    out, err = context.out, context.err
    return Printed(
        code,
        out.getvalue() if isinstance(out, io.StringIO) else "",
        err.getvalue() if isinstance(err, io.StringIO) else "",
    )
