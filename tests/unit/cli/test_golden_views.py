"""What people see of every kind of change, held against files that a person has read.

With UPDATE_GOLDEN=1 this writes them anew; read the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headgate.domain.record import record_of
from tests.unit.cli.drawing import concluded, drawn, told
from tests.unit.report.stories import STORIES

if TYPE_CHECKING:
    from tests.unit.report.story import Story

GOLDEN = Path(__file__).with_name("golden")


@pytest.mark.parametrize("name", STORIES)
def test_a_change_is_shown_as_it_was(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    seen = shown(STORIES[name]())
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(seen)
    assert seen == path.read_text()


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(STORIES)


def shown(story: Story) -> str:
    """The live view at its end, the plain lines, and the summary."""
    entries = story.entries
    parts = {"live": drawn(record_of(entries)), "lines": told(entries), "summary": concluded(entries)}
    return "\n".join(f"--- {name}\n{text}" for name, text in parts.items())
