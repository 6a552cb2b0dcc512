"""`headgate version`."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from headgate import __version__
from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """It has no arguments of its own."""


def run(_args: Namespace, context: Context) -> int:
    """Print Headgate's version and Python's."""
    if context.json:
        context.give({"headgate": __version__, "python": platform.python_version()})
    context.say(f"headgate {__version__} on Python {platform.python_version()}")
    return ExitCode.DONE
