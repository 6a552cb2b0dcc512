"""Showing that something takes a while before there is a change to follow."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headgate.entrypoints.cli.context import Context


@contextmanager
def working(context: Context, what: str) -> Iterator[Callable[[str], None]]:
    """Gives a function that is told what is being done: a line that moves, or plain lines, or nothing."""
    if not context.live:
        yield context.say
        return
    from rich.console import Console

    console = Console(file=context.out, no_color=not context.ink.on, highlight=False)
    with console.status(what, spinner_style="cyan") as status:
        yield status.update
