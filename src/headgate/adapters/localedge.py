"""The local edge that runs from a folder: what its `edge.json` says."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from headgate.adapters.cloudflare.access import Access
from headgate.domain.errors import PlatformUnreachable

if TYPE_CHECKING:
    from pathlib import Path

_START = "Run `headgate edge up` and try again."


def access(folder: Path) -> Access:
    """How to speak to the edge of a folder. Raises PlatformUnreachable if it does not run."""
    file = folder / "edge.json"
    found = _read(file)
    try:
        if not _runs(int(found["pid"])):
            raise _down("The local edge has stopped.", file)
        return Access(
            api_url=str(found["api_url"]).rstrip("/"),
            account_id=str(found["account_id"]),
            token=str(found["token"]),
            token_source=str(file),
            when_unreachable=_START,
            traffic_url=str(found["traffic_url"]).rstrip("/"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _down("What the local edge wrote about itself is not complete.", file) from error


def metrics_url(access_to_edge: Access) -> str:
    """Where the edge's counters are read."""
    return access_to_edge.api_url.removesuffix("/client/v4") + "/metrics"


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_bytes()))
    except FileNotFoundError:
        raise _down("The local edge is not running.", file) from None
    except (OSError, TypeError, ValueError) as error:
        raise _down(f"What the local edge wrote about itself cannot be read: {error}.", file) from error


def _runs(pid: int) -> bool:
    """Whether there is such a process. Its number may have been given to another: then connecting fails."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _down(what: str, file: Path) -> PlatformUnreachable:
    return PlatformUnreachable(what, where=str(file), remedy=_START)
