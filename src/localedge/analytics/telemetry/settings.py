"""What a Worker's `observability` settings ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Observability:
    """`rate` of all invocations are kept, from 0 to 1; `invocations` says whether each is an event itself."""

    rate: float = 1.0
    invocations: bool = True


def read_observability(settings: Mapping[str, Any]) -> Observability | None:
    """None when the Worker does not want to be observed. What is said of the logs goes before the rest."""
    asked = settings.get("observability")
    if not isinstance(asked, dict):
        return None
    logs = asked.get("logs") if isinstance(asked.get("logs"), dict) else {}
    whole = {**asked, **{name: value for name, value in (logs or {}).items() if value is not None}}
    rate = whole.get("head_sampling_rate")
    rate = 1.0 if not isinstance(rate, int | float) else min(1.0, max(0.0, float(rate)))
    if not whole.get("enabled") or rate == 0:
        return None
    return Observability(rate, whole.get("invocation_logs") is not False)
