"""Where Workers answer beside `SCRIPT.localhost`, as the control plane hands it to the router."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class AddressTable:
    """`routes` are regular expressions for whole URLs, the most specific first, with the Worker or None.

    `domains` are hosts with their Worker; `off` are Workers that do not answer at `SCRIPT.localhost`.
    """

    routes: tuple[tuple[str, str | None], ...] = ()
    domains: Mapping[str, str] = field(default_factory=dict)
    off: tuple[str, ...] = ()

    def wire(self) -> dict[str, Any]:
        """As the router takes it."""
        return {"routes": list(self.routes), "domains": dict(self.domains), "off": list(self.off)}
