"""The releases of wrangler that are driven, each with a Node that it takes."""

from __future__ import annotations

from pathlib import Path

from tests.localedge.wrangler import NODE, WRANGLER

HERE = Path(__file__).parent
BIN = "node_modules/wrangler/bin/wrangler.js"


def node_20() -> Path | None:
    """Node 20 of this machine's kind, if its package could be installed."""
    found = (HERE / "wrangler-node20/node_modules").glob("node-*-*/bin/node")
    return next(found, None)


def programs() -> dict[str, list[str] | None]:
    """By name, how to run each; none where its Node is not to be had."""
    old = node_20()
    return {
        "pinned": WRANGLER,
        "newest": [*NODE, str(HERE / "wrangler-newest" / BIN)],
        "node20": [str(old), str(HERE / "wrangler-node20" / BIN)] if old else None,
    }
