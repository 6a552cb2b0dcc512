"""The `_redirects` file: rules that send a path elsewhere, or serve another file under it.

A port of parseRedirects.ts: https://github.com/cloudflare/workers-sdk/tree/main/packages/workers-shared/utils/configuration
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from localedge.assets.headers import LINE_LENGTH_MAX, Fault
from localedge.assets.urls import (
    WHITE,
    NotAUrl,
    Parts,
    has_host,
    length_of,
    path_or_address,
    relative_path,
    trimmed,
)

STATIC_RULES_MAX = 2_000
DYNAMIC_RULES_MAX = 100
STATUSES = frozenset({200, 301, 302, 303, 307, 308})

PLACEHOLDER = re.compile(r":[A-Za-z]\w*", re.ASCII)
NUMBER = re.compile(r"\+?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
COMMENT = re.compile(rf"[{WHITE}]+#.*$")
GAP = re.compile(rf"[{WHITE}]+")
TO_INDEX = re.compile(r"/index(.html)?\Z")

LOOP = (
    "Infinite loop detected in this rule. This would cause a redirect to strip `.html` or `/index` and end up"
    " triggering this rule again."
)
"""As the platform puts it: https://github.com/cloudflare/workers-sdk/issues/10992"""


@dataclass(frozen=True, slots=True)
class Redirect:
    """One rule; a status of 200 serves `to` without a redirect."""

    source: str
    target: str
    status: int
    line_number: int

    @property
    def is_static(self) -> bool:
        return is_static(self.source)


@dataclass(slots=True)
class Redirects:
    """What a file says: rules in its order, and what was ignored."""

    rules: list[Redirect] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def configuration(self) -> dict[str, object] | None:
        """As the asset worker wants it: static rules are those above the first one with a pattern."""
        if not self.rules:
            return None
        first = next((place for place, rule in enumerate(self.rules) if not rule.is_static), len(self.rules))
        static = {
            rule.source: {"status": rule.status, "to": rule.target, "lineNumber": rule.line_number}
            for rule in self.rules[:first]
        }
        dynamic = {rule.source: {"status": rule.status, "to": rule.target} for rule in self.rules[first:]}
        return {"version": 1, "staticRules": static, "rules": dynamic}


def parse_redirects(text: str, *, html_handling: str | None) -> Redirects:
    """Read a `_redirects` file."""
    return _Parser(strips_html=html_handling != "none").read(text)


def is_static(source: str) -> bool:
    """Whether it has neither splats nor placeholders."""
    return "*" not in source and not PLACEHOLDER.search(source)


class _TooMany(Exception):
    """No more lines are read."""


class _Parser:
    def __init__(self, *, strips_html: bool) -> None:
        self._strips_html = strips_html
        self._found = Redirects()
        self._seen: set[str] = set()
        self._static = 0
        self._dynamic = 0

    def read(self, text: str) -> Redirects:
        lines = text.split("\n")
        for number, raw in enumerate(lines, start=1):
            line = trimmed(raw)
            if not line or line.startswith("#"):
                continue
            try:
                self._line(line, number)
            except NotAUrl as error:
                self._found.faults.append(Fault(str(error), number))
            except _TooMany:
                message = (
                    f"Maximum number of dynamic rules supported is {DYNAMIC_RULES_MAX}."
                    f" Skipping remaining {len(lines) - number + 1} lines of file."
                )
                self._found.faults.append(Fault(message))
                break
        return self._found

    def _line(self, line: str, number: int) -> None:
        if length_of(line) > LINE_LENGTH_MAX:
            message = f"Ignoring line {number} as it exceeds the maximum allowed length of {LINE_LENGTH_MAX}."
            self._found.faults.append(Fault(message))
            return
        tokens = GAP.split(COMMENT.sub("", line))
        if not 2 <= len(tokens) <= 3:
            message = f"Expected exactly 2 or 3 whitespace-separated tokens. Got {len(tokens)}."
            raise NotAUrl(message)
        source = relative_path(tokens[0])
        if not self._has_room(source):
            message = f"Maximum number of static rules supported is {STATIC_RULES_MAX}. Skipping line."
            self._found.faults.append(Fault(message))
            return
        target = path_or_address(tokens[1], Parts(query=True, fragment=True), ports=True)
        status = _status(tokens[2] if len(tokens) == 3 else "302")
        self._check_loop(source, target)
        self._add(Redirect(source, target, status, number))

    def _has_room(self, source: str) -> bool:
        """Count the rule; below the first one with a pattern all count as such."""
        if self._dynamic == 0 and is_static(source):
            self._static += 1
            return self._static <= STATIC_RULES_MAX
        self._dynamic += 1
        if self._dynamic > DYNAMIC_RULES_MAX:
            raise _TooMany
        return True

    def _check_loop(self, source: str, target: str) -> None:
        to_index = TO_INDEX.search(target) and not has_host(target)
        if to_index and (source.endswith("/*") or (source.endswith("/") and self._strips_html)):
            raise NotAUrl(LOOP)

    def _add(self, rule: Redirect) -> None:
        if rule.source in self._seen:
            message = f"Duplicate rule for path {rule.source}."
            raise NotAUrl(message)
        self._seen.add(rule.source)
        if rule.status == 200 and has_host(rule.target):
            message = f"Proxy (200) redirects can only point to relative paths. Got {rule.target}"
            raise NotAUrl(message)
        self._found.rules.append(rule)


def _status(given: str) -> int:
    status = float(given) if NUMBER.fullmatch(given) else 0.0
    if status not in STATUSES:
        message = f"Valid status codes are 200, 301, 302 (default), 303, 307, or 308. Got {given}."
        raise NotAUrl(message)
    return int(status)
