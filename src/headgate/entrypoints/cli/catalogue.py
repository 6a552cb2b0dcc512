"""The commands, in the order in which `headgate --help` lists them. Each is a module in `commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "deploy": "Take the project through the gate to production",
    "rollback": "Send the traffic back to the last known good version, at once",
    "status": "What serves where, since when, and what runs",
    "history": "The changes made, newest first",
    "report": "The report of a change",
    "watch": "Follow a change that runs",
    "promote": "Give a change that is watched the next share of the traffic",
    "hold": "Let a running change go no further until somebody promotes it",
    "retry": "Weigh a stage anew, or release once more what was rolled back",
    "judge": "Explain a verdict from the journal, or judge recorded traffic",
    "abort": "Stop a running change and undo what it did",
    "resume": "Take up changes that were interrupted",
    "test": "Run the project's tests and record which artifact they were run on",
    "doctor": "Look whether everything is there that a release needs",
    "init": "Write a headgate.toml from the wrangler configuration",
    "journal": "Verify or show the record of everything that happened",
    "edge": "Run a local Cloudflare on this machine",
    "version": "Say which Headgate this is",
}

OPTIONS_WITH_VALUE = ("--project", "--actor")
"""Options of every command that take the next argument."""
