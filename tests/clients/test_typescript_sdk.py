"""The official TypeScript SDK walks through the edge: typescript-sdk/walk.mjs says where."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.localedge.wrangler import NODE

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

FOLDER = Path(__file__).parent / "typescript-sdk"
SECONDS = 120


def test_the_typescript_sdk(edge: RunningEdge, script: str) -> None:
    environment = os.environ | {
        "API_URL": edge.told["api_url"],
        "TOKEN": edge.told["token"],
        "ACCOUNT": edge.told["account_id"],
        "NAME": script,
    }
    walk = subprocess.run(
        [*NODE, "walk.mjs"],
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert walk.stdout == "done\n", walk.stderr
