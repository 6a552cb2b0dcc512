"""The runbook of a service: what serves, how to go back, and the newest changes.

Headgate writes between two marks in the file and leaves everything else as people wrote it. What it keeps
from one change to the next it reads back from its own part, where each block begins with a mark of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.domain.change import Phase
from headgate.domain.runbook_texts import change_lines, environment_lines
from headgate.domain.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.record import ChangeRecord

CHANGES_MAX = 50
_OPEN, _CLOSE = "<!-- headgate:", " -->"
BEGIN = f"{_OPEN}begin (written by Headgate down to the end mark; your own text goes outside){_CLOSE}"
END = f"{_OPEN}end{_CLOSE}"


@dataclass(frozen=True, slots=True)
class _Block:
    """`change_id` is the newest change that the lines are about."""

    change_id: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class _Part:
    """Headgate's part of the file: a block for each environment and for each change, by its name."""

    environments: Mapping[str, _Block]
    changes: Mapping[str, _Block]
    older: int
    """How many changes there were before those that are kept."""


def updated(current: str, record: ChangeRecord) -> str:
    """The runbook with a change taken in; doing it twice is the same as once.

    A rejected change did nothing, so it gets no block.
    """
    line_end = "\r\n" if "\r\n" in current else "\n"
    before, ours, after = _split(current, record.change.target.service, line_end)
    part = _read(ours)
    if record.phase is not Phase.REJECTED:
        part = _with_change(part, record)
    return before + line_end.join([BEGIN, *_lines(part), END]) + after


def _split(current: str, service: str, line_end: str) -> tuple[str, str, str]:
    """The text before Headgate's part, the part without its marks, and the text after it."""
    # A mark begins its line: what people say stands further in, and may hold anything.
    lined = f"\n{current}"
    begin = lined.rfind(f"\n{BEGIN}")
    end = lined.find(f"\n{END}", begin)
    if begin >= 0 and end >= 0:
        return current[:begin], current[begin + len(BEGIN) : end], current[end + len(END) :]
    if not current:
        return f"# Runbook: {one_line(service)}{line_end * 2}", "", line_end
    gap = line_end if current.endswith("\n") else line_end * 2
    return current + gap, "", line_end


def _read(ours: str) -> _Part:
    environments: dict[str, _Block] = {}
    changes: dict[str, _Block] = {}
    older, lines = 0, list[str]()
    for line in ours.splitlines():
        kind, _, rest = _mark(line).partition(" ")
        if not kind:
            lines.append(line)
            continue
        name, _, change_id = rest.rpartition(" ")
        lines = []
        if kind == "environment":
            environments[name] = _Block(change_id, lines)
        elif kind == "change":
            changes[rest] = _Block(rest, lines)
        elif kind == "older" and rest.isdecimal():
            older = int(rest)
    return _Part(environments, changes, older)


def _mark(line: str) -> str:
    """What a mark says; '' for any other line. A heading of the second level ends a block, as a mark does."""
    if line.startswith("## "):
        return "heading"
    if line.startswith(_OPEN) and line.endswith(_CLOSE):
        return line[len(_OPEN) : -len(_CLOSE)]
    return ""


def _with_change(part: _Part, record: ChangeRecord) -> _Part:
    change = record.change
    environments = dict(part.environments)
    known = environments.get(change.target.environment)
    if known is None or known.change_id <= change.id:
        environments[change.target.environment] = _Block(change.id, environment_lines(record))
    changes = {**part.changes, change.id: _Block(change.id, change_lines(record))}
    kept = sorted(changes, reverse=True)[:CHANGES_MAX]
    # One that was left out before is counted already.
    left_out = [name for name in part.changes if name not in kept]
    return _Part(environments, {name: changes[name] for name in kept}, part.older + len(left_out))


def _lines(part: _Part) -> list[str]:
    lines = ["## What serves, and how to go back", ""]
    for name, block in sorted(part.environments.items()):
        lines += _block(f"environment {name} {block.change_id}", block)
    if not part.environments:
        lines += ["Nothing was released through Headgate yet.", ""]
    lines += ["## Changes, the newest first", ""]
    for name, block in part.changes.items():
        lines += _block(f"change {name}", block)
    if part.older:
        told = f"{part.older} older changes are in the journal: `headgate history` lists them."
        lines += _block(f"older {part.older}", _Block("", [told]))
    return lines


def _block(mark: str, block: _Block) -> list[str]:
    return [f"{_OPEN}{mark}{_CLOSE}", *"\n".join(block.lines).strip("\n").split("\n"), ""]
