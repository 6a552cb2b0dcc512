"""`headgate hold`: let a change go no further until a person promotes it."""

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
        context.application.hold(change_id, why=why, author=context.actor)

    return requesting.told(args, context, tell, "go no further")
