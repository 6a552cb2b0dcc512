"""Which trace events a tail session wants: the filters of `wrangler tail`, all of which have to agree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILTERS_MAX = 20
SELF = "self"
"""Whoever asks for the tail. Here everyone comes from loopback."""
HERE = "127.0.0.1"

SHAPES: Mapping[str, type | tuple[type, ...]] = {
    "sampling_rate": (int, float),
    "outcome": list,
    "query": str,
    "scriptVersion": str,
    "method": list,
    "header": dict,
    "client_ip": list,
}


def problem_of(filters: object) -> str | None:
    """What is wrong with the filters that a client sent; None when they can be used."""
    if not isinstance(filters, list) or len(filters) > FILTERS_MAX:
        return f"filters has to be a list of at most {FILTERS_MAX} objects"
    for one in filters:
        if not isinstance(one, dict):
            return f"filters has to be a list of at most {FILTERS_MAX} objects"
        for name, shape in SHAPES.items():
            if name in one and (isinstance(one[name], bool) or not isinstance(one[name], shape)):
                return f"the filter {name} has a value of the wrong type"
    return None


def wanted(event: Mapping[str, Any], filters: Sequence[Mapping[str, Any]], chance: float) -> bool:
    """Whether to send the event; `chance` is a random number from 0 to 1, for the sampling rate."""
    return all(_passes(event, one, chance) for one in filters)


def _passes(event: Mapping[str, Any], one: Mapping[str, Any], chance: float) -> bool:
    """A filter that is not known lets everything through: seeing too much is better than seeing nothing."""
    if "sampling_rate" in one:
        return chance < float(one["sampling_rate"])
    if "outcome" in one:
        return event.get("outcome") in one["outcome"]
    if "query" in one:
        return one["query"] in json.dumps(event.get("logs", []), ensure_ascii=False)
    if "scriptVersion" in one:
        return bool((event.get("scriptVersion") or {}).get("id") == one["scriptVersion"])
    request = (event.get("event") or {}).get("request") or {}
    if "method" in one:
        return request.get("method") in one["method"]
    if "header" in one:
        return _has_header(request.get("headers") or {}, one["header"])
    if "client_ip" in one:
        return _address(request) in [HERE if ip == SELF else ip for ip in one["client_ip"]]
    return True


def _address(request: Mapping[str, Any]) -> str | None:
    headers: Mapping[str, str] = request.get("headers") or {}
    return headers.get("cf-connecting-ip")


def _has_header(headers: Mapping[str, str], header: Mapping[str, Any]) -> bool:
    value = {name.lower(): text for name, text in headers.items()}.get(str(header.get("key", "")).lower())
    return value is not None and str(header.get("query") or "") in value
