from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.gates.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A project that every gate lets through."""
    return Stage(tmp_path)
