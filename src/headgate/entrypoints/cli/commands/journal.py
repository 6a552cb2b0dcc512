"""`headgate journal verify|show`: the record of everything that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.entrypoints.cli import options
from headgate.entrypoints.cli.exit_codes import ExitCode
from headgate.entrypoints.cli.taking_up import take_up_in_background

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from headgate.domain.journal import Entry
    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument(
        "act",
        metavar="verify|show",
        choices=("verify", "show"),
        help="verify: check that no entry was changed or taken out; show: print the entries of a change",
    )
    options.add_change(parser, "for `show`: the one that runs, else the newest")


def run(args: Namespace, context: Context) -> int:
    """Verify or show."""
    if args.act == "verify":
        return _verify(context)
    take_up_in_background(context)
    return _show(options.change_of(args, context), context)


def _verify(context: Context) -> int:
    held = context.application.verify_journal()
    if context.json:
        context.give({"entries": held, "holds": True})
    context.say(f"The journal holds: {held} entries, none changed or missing.")
    return ExitCode.DONE


def _show(change_id: str, context: Context) -> int:
    entries = _entries(change_id, context)
    if context.json:
        from headgate.entrypoints.cli.views.as_json import entry_as_json

        context.give({"entries": [entry_as_json(entry) for entry in entries]})
        return ExitCode.DONE
    from headgate.entrypoints.cli.views.entries import entry_lines

    for entry in entries:
        context.say("\n".join(entry_lines(entry, ink=context.ink)))
    return ExitCode.DONE


def _entries(change_id: str, context: Context) -> list[Entry]:
    """All entries of a change. Raises NotFound if there are none."""
    following = context.application.follow(change_id)
    entries: list[Entry] = []
    while more := following.new_entries():
        entries += more
    if not entries:
        context.application.record(change_id)
    return entries
