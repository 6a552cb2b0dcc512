"""One trace event becomes several telemetry events: the invocation, its log lines, its exceptions. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATASET = "cloudflare-workers"
MESSAGE_MAX = 16_384
"""Characters. What is longer is cut, and the event says that it is truncated."""

Event = dict[str, Any]


def telemetry(trace: Mapping[str, Any], request_id: str, *, invocation: bool) -> list[Event]:
    """In the order in which they happened; without `invocation`, logs and exceptions alone."""
    began = int(trace.get("eventTimestamp") or 0)
    made = [*_logs(trace), *_exceptions(trace), *([_invocation(trace, began)] if invocation else ())]
    shared, common = _metadata(trace, request_id), _workers(trace, request_id)
    return [
        {
            "$metadata": {"id": f"{at:013d}{number:04d}{request_id[:8]}", **shared, **metadata},
            "$workers": common | workers,
            "dataset": DATASET,
            "source": source,
            "timestamp": at,
        }
        for number, (at, metadata, workers, source) in enumerate(made)
    ]


Made = tuple[int, Event, Event, Any]


def kind_of(event: Mapping[str, Any]) -> str:
    """What invoked the Worker."""
    signs = {
        "request": "fetch",
        "cron": "scheduled",
        "queue": "queue",
        "rpcMethod": "rpc",
        "mailFrom": "email",
    }
    found = (kind for sign, kind in signs.items() if sign in event)
    return next(found, "alarm" if "scheduledTime" in event else "unknown")


def _trigger(event: Mapping[str, Any]) -> str:
    match kind_of(event):
        case "fetch":
            request = event["request"]
            return f"{request.get('method', '')} {urlsplit(request.get('url', '')).path}"
        case "scheduled":
            return str(event["cron"])
        case "queue":
            return str(event["queue"])
        case "rpc":
            return str(event["rpcMethod"])
        case other:
            return other


def _metadata(trace: Mapping[str, Any], request_id: str) -> Event:
    event = trace.get("event") or {}
    shared = {
        "service": trace["scriptName"],
        "requestId": request_id,
        "origin": kind_of(event),
        "trigger": _trigger(event),
        "cloudService": "workers",
        "type": "cf-worker",
    }
    if "request" in event:
        shared["url"] = event["request"].get("url", "")
    return shared


def _workers(trace: Mapping[str, Any], request_id: str) -> Event:
    workers = {
        "scriptName": trace["scriptName"],
        "scriptVersion": trace["scriptVersion"],
        "eventType": kind_of(trace.get("event") or {}),
        "outcome": trace.get("outcome"),
        "executionModel": trace.get("executionModel"),
        "requestId": request_id,
        "truncated": bool(trace.get("truncated")),
    }
    return workers | {name: trace[name] for name in ("entrypoint",) if trace.get(name)}


def _logs(trace: Mapping[str, Any]) -> Iterator[Made]:
    for log in trace.get("logs") or ():
        parts = log.get("message")
        parts = parts if isinstance(parts, list) else [parts]
        text, level = " ".join(_text(part) for part in parts), log.get("level", "log")
        source: Any = parts[0] if len(parts) == 1 and isinstance(parts[0], dict) else {"message": text}
        if isinstance(source.get("message"), str):
            text = source["message"]
        metadata: Event = {"level": level, "message": text[:MESSAGE_MAX]}
        if level == "error":
            metadata["error"] = text[:MESSAGE_MAX]
        if cut := len(_text(source)) > MESSAGE_MAX:
            source = {"message": text[:MESSAGE_MAX]}
        yield int(log["timestamp"]), metadata, ({"truncated": True} if cut else {}), source


def _exceptions(trace: Mapping[str, Any]) -> Iterator[Made]:
    for thrown in trace.get("exceptions") or ():
        text = f"{thrown.get('name', 'Error')}: {thrown.get('message', '')}"[:MESSAGE_MAX]
        source = {"message": text, "exception": {name: _text(thrown.get(name)) for name in ("name", "stack")}}
        yield int(thrown["timestamp"]), {"level": "error", "message": text, "error": text}, {}, source


def _invocation(trace: Mapping[str, Any], began: int) -> Made:
    event = trace.get("event") or {}
    wall_ms = int(trace.get("wallTime") or 0)
    metadata: Event = {
        "type": "cf-worker-event",
        "level": "info" if trace.get("outcome") in ("ok", "canceled") else "error",
        "message": _trigger(event),
        "startTime": began,
        "endTime": began + wall_ms,
        "duration": wall_ms,
    }
    if "status" in (event.get("response") or {}):
        metadata["statusCode"] = event["response"]["status"]
    exceptions = trace.get("exceptions") or ()
    if exceptions:
        metadata["error"] = str(exceptions[0].get("message", ""))[:MESSAGE_MAX]
    return began, metadata, {"event": event, "wallTimeMs": wall_ms}, {}


def _text(part: object) -> str:
    return part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)
