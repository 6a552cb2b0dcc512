"""Fields of telemetry events: `$workers.event.request.method`, or the keys of an object that was logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localedge.analytics.telemetry.events import Event

Scalar = str | float | bool


def flat(event: Event) -> dict[str, Scalar]:
    """Field by field; of what a Worker logged as an object, the keys are fields themselves."""
    source = event["source"] if isinstance(event["source"], dict) else {"message": event["source"]}
    known = {name: event[name] for name in ("$metadata", "$workers", "dataset", "timestamp")}
    return dict(_leaves("", {**source, **known}))


def type_of(value: Scalar) -> str:
    """In the API's words."""
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"


def _leaves(before: str, inside: Mapping[str, Any]) -> Iterator[tuple[str, Scalar]]:
    for name, value in inside.items():
        if isinstance(value, dict):
            yield from _leaves(f"{before}{name}.", value)
        elif isinstance(value, list):
            yield from _leaves(f"{before}{name}.", {str(place): one for place, one in enumerate(value)})
        elif value is not None:
            yield f"{before}{name}", value
