"""`headgate doctor`: look whether everything is there that a release needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """It has no arguments of its own."""


def run(_args: Namespace, context: Context) -> int:
    """Print what was looked at. Code 1 if something is not well."""
    found = context.application.doctor()
    code = ExitCode.DONE if all(diagnosis.ok for diagnosis in found) else ExitCode.FAILED
    if context.json:
        checks = [{"name": d.name, "ok": d.ok, "what": d.what, "remedy": d.remedy} for d in found]
        context.give({"checks": checks, "exit_code": int(code)})
        return code
    from headgate.entrypoints.cli.views.doctor import doctor

    context.say("\n".join(doctor(found, ink=context.ink)))
    return code
