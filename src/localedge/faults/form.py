"""Reads rules as clients send them; `Invalid` says what is wrong with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_INTERNAL, CODE_MALFORMED, CODE_THROTTLED, Invalid
from localedge.faults.paths import PathPattern
from localedge.faults.rules import Fault, Kind, Match, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES_MAX = 100
MILLISECONDS_MAX = 300_000
TEXT_MAX = 500
PLAN = frozenset({"rules", "seed"})
MATCHES = frozenset({"method", "path", "regex", "token"})
RULE = frozenset({"match", "fault", "times", "after", "probability"})
ENDS = ("status", "hang", "drop", "lose_reply", "garbage", "truncated", "stale_ms")
FAULT = frozenset({*ENDS, "delay_ms", "slow_body_ms", "applied", "retry_after", "body", "code", "message"})
MESSAGES = {
    429: (CODE_THROTTLED, "Please wait and consider throttling your request speed"),
    500: (CODE_INTERNAL, "Internal server error"),
}


def read_rules(body: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of `{"rules": [...]}`, in the order in which they are tried; `seed` may stand beside them."""
    _object(body, "the body", PLAN)
    entries = body.get("rules")
    if not isinstance(entries, list) or len(entries) > RULES_MAX:
        raise Invalid(CODE_MALFORMED, f"rules has to be a list of at most {RULES_MAX}")
    return tuple(read_rule(entry) for entry in entries)


def read_rule(entry: object) -> Rule:
    """One rule."""
    rule = _object(entry, "a rule", RULE)
    match = _match(_object(rule.get("match", {}), "match", MATCHES))
    fault = read_fault(rule.get("fault"))
    if fault.kind is Kind.STALE and match.pattern is None:
        raise Invalid(CODE_MALFORMED, "stale_ms needs a match with the path that is read")
    probability = rule.get("probability", 1)
    if isinstance(probability, bool) or not isinstance(probability, int | float) or not 0 <= probability <= 1:
        raise Invalid(CODE_MALFORMED, "probability has to be a number from 0 to 1")
    return Rule(
        match=match,
        fault=fault,
        times=None if rule.get("times") is None else _whole(rule, "times", 1, 1_000_000),
        after=_whole(rule, "after", 0, 1_000_000),
        probability=float(probability),
    )


def read_fault(entry: object) -> Fault:
    """One fault: how it ends, at most one of ENDS, and how late that is."""
    fault = _object(entry, "fault", FAULT)
    ends = [name for name in ENDS if fault.get(name)]
    if len(ends) > 1 or not (ends or fault.get("delay_ms") or fault.get("slow_body_ms")):
        message = f"a fault is one of {', '.join(ENDS)}, or a delay_ms or slow_body_ms"
        raise Invalid(CODE_MALFORMED, message)
    end = ends[0] if ends else "late"
    kind = {"lose_reply": Kind.DROP, "stale_ms": Kind.STALE}.get(end) or Kind(end)
    status = _whole(fault, "status", 0, 599)
    if kind is Kind.STATUS and status < 400:
        raise Invalid(CODE_MALFORMED, "status has to be from 400 to 599")
    code, message = MESSAGES.get(status, (CODE_INTERNAL, "A fault that was asked for"))
    return Fault(
        kind=kind,
        applied=end == "lose_reply" or fault.get("applied") is True,
        delay_ms=_whole(fault, "delay_ms", 0, MILLISECONDS_MAX),
        slow_body_ms=_whole(fault, "slow_body_ms", 0, MILLISECONDS_MAX),
        stale_ms=_whole(fault, "stale_ms", 0, MILLISECONDS_MAX),
        status=status or 200,
        retry_after_seconds=_retry_after(fault, status),
        html=_html(fault, status),
        code=_whole(fault, "code", 0, 10_000_000) or code,
        message=_text(fault, "message") or message,
    )


def _match(match: Mapping[str, Any]) -> Match:
    methods = match.get("method", [])
    named = [methods] if isinstance(methods, str) else methods
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise Invalid(CODE_MALFORMED, "method has to be a name or a list of names")
    path, regex = _text(match, "path"), _text(match, "regex")
    try:
        pattern = re.compile(regex) if regex else None
    except re.error as error:
        raise Invalid(CODE_MALFORMED, f"regex is no regular expression: {error}") from error
    methods = tuple(name.upper() for name in named)
    return Match(methods, PathPattern(path) if path else None, pattern, _text(match, "token"))


def _retry_after(fault: Mapping[str, Any], status: int) -> int | None:
    if fault.get("retry_after") is not None:
        return _whole(fault, "retry_after", 0, 86_400)
    return 1 if status == 429 else None


def _html(fault: Mapping[str, Any], status: int) -> bool:
    """Cloudflare's proxy answers 502 to 504 and 52x itself, in HTML."""
    body = fault.get("body", "html" if status in (502, 503, 504) or 520 <= status <= 530 else "envelope")
    if body not in ("html", "envelope"):
        raise Invalid(CODE_MALFORMED, "body has to be html or envelope")
    return bool(body == "html")


def _object(value: object, name: str, known: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(CODE_MALFORMED, f"{name} has to be an object")
    if unknown := sorted(value.keys() - known):
        raise Invalid(CODE_MALFORMED, f"{name} has no {unknown[0]}; there are {', '.join(sorted(known))}")
    return value


def _whole(values: Mapping[str, Any], name: str, lowest: int, highest: int) -> int:
    value = values.get(name, lowest)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a whole number from {lowest} to {highest}")
    return value


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a text of at most {TEXT_MAX} characters")
    return value
