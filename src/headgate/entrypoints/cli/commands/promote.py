"""`headgate promote`: give a change that is watched the next share of the traffic, on a person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli import requesting

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    requesting.configure(parser)


def run(args: Namespace, context: Context) -> int:
    """Done once it is written down."""

    def tell(change_id: str, why: str) -> None:
        context.application.promote(change_id, why=why, author=context.actor)

    return requesting.told(args, context, tell, "go on")
