"""`headgate test`: run the project's tests on the artifact, and record that it was this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument(
        "command",
        metavar="-- COMMAND",
        nargs="*",
        help="command that runs the tests (default: [tests] command in headgate.toml)",
    )
