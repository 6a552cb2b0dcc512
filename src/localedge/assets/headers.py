"""The `_headers` file: rules that set and remove headers of the answers.

A port of parseHeaders.ts: https://github.com/cloudflare/workers-sdk/tree/main/packages/workers-shared/utils/configuration
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from localedge.assets.urls import NotAUrl, Parts, length_of, path_or_address, trimmed

LINE_LENGTH_MAX = 2_000
RULES_MAX = 100

PATH_LINE = re.compile(r"(\S+://|/)")
SPLAT_PLACEHOLDER = re.compile(r":splat(?!\w)", re.ASCII)
UNSET = "! "

TOO_MANY = f"Maximum number of rules supported is {RULES_MAX}."
NO_PATH = "Expected a path before headers"
BAD_HEADER = "Invalid header format"
"""As the platform puts it: https://github.com/cloudflare/workers-sdk/issues/14547"""


@dataclass(frozen=True, slots=True)
class Fault:
    """What was ignored of a file, and why. `line_number` 0 for a fault of no single line."""

    message: str
    line_number: int = 0


@dataclass(slots=True)
class Rule:
    """What happens to the headers of an answer to this path."""

    path: str
    line_number: int
    set: dict[str, str] = field(default_factory=dict)
    unset: list[str] = field(default_factory=list)

    @property
    def does_something(self) -> bool:
        return bool(self.set or self.unset)


@dataclass(slots=True)
class Headers:
    """What a file says: rules in its order, and what was ignored."""

    rules: list[Rule] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def configuration(self) -> dict[str, object] | None:
        """As the asset worker wants it."""
        if not self.rules:
            return None
        rules = {rule.path: _configured(rule) for rule in self.rules}
        return {"version": 2, "rules": rules}


def parse_headers(text: str) -> Headers:
    """Read a `_headers` file."""
    return _Parser().read(text)


class _Parser:
    def __init__(self) -> None:
        self._found = Headers()
        self._rule: Rule | None = None
        self._skipping = False
        self._number = 0

    def read(self, text: str) -> Headers:
        lines = text.split("\n")
        for self._number, raw in enumerate(lines, start=1):
            line = trimmed(raw)
            if not line or line.startswith("#"):
                continue
            if length_of(line) > LINE_LENGTH_MAX:
                self._found.faults.append(Fault(_too_long(self._number)))
            elif not PATH_LINE.match(line):
                if not self._skipping:
                    self._header(line)
            elif len(self._found.rules) >= RULES_MAX:
                left = len(lines) - self._number + 1
                self._found.faults.append(Fault(f"{TOO_MANY} Skipping remaining {left} lines of file."))
                break
            else:
                self._begin(line)
        self._end()
        return self._found

    def _begin(self, line: str) -> None:
        self._end()
        try:
            self._rule = Rule(_rule_path(line), self._number)
            self._skipping = False
        except NotAUrl as error:
            self._fault(str(error))
            self._rule, self._skipping = None, True

    def _end(self) -> None:
        if self._rule is None:
            return
        if self._rule.does_something:
            self._found.rules.append(self._rule)
        else:
            self._found.faults.append(Fault("No headers specified", self._rule.line_number))

    def _header(self, line: str) -> None:
        raw_name, colon, raw_value = line.partition(":")
        if not colon:
            self._unset(line)
            return
        name, value = trimmed(raw_name).lower(), trimmed(raw_value)
        if " " in name or not name or not value:
            self._fault(BAD_HEADER)
        elif self._rule is None:
            self._fault(NO_PATH)
        else:
            before = self._rule.set.get(name)
            self._rule.set[name] = f"{before}, {value}" if before else value

    def _unset(self, line: str) -> None:
        if self._rule is None:
            self._fault(NO_PATH)
        elif line.startswith(UNSET):
            self._rule.unset.append(line.removeprefix(UNSET))
        else:
            self._fault(BAD_HEADER)

    def _fault(self, message: str) -> None:
        self._found.faults.append(Fault(message, self._number))


def _rule_path(line: str) -> str:
    path = path_or_address(line, Parts(), ports=False)
    wildcards = path.count("*")
    if wildcards > 1:
        message = (
            "Only one wildcard is allowed per rule. Use a named placeholder (e.g. :project) instead."
            f" Skipping {path}."
        )
        raise NotAUrl(message)
    if wildcards and SPLAT_PLACEHOLDER.search(path):
        message = (
            "Cannot combine a wildcard * with a :splat placeholder because wildcards are converted to :splat"
            f" at runtime. Skipping {path}."
        )
        raise NotAUrl(message)
    return path


def _configured(rule: Rule) -> dict[str, object]:
    configured: dict[str, object] = {}
    if rule.set:
        configured["set"] = rule.set
    if rule.unset:
        configured["unset"] = rule.unset
    return configured


def _too_long(number: int) -> str:
    return f"Ignoring line {number} as it exceeds the maximum allowed length of {LINE_LENGTH_MAX}."
