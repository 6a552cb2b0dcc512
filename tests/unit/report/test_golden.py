"""The whole report of every kind of change, held against files that a person has read.

With UPDATE_GOLDEN=1 this writes them anew; read the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headgate.domain.report import forms
from tests.unit.report.endings import ENDINGS
from tests.unit.report.stories import STORIES

GOLDEN = Path(__file__).with_name("golden")
# The page and the JSON of the richest stories; the Markdown of all.
TOLD = {**STORIES, **ENDINGS}
FILES = [(name, "md") for name in TOLD] + [
    (name, form) for name in ("released", "rolled_back") for form in ("html", "json")
]


@pytest.mark.parametrize(("name", "form"), FILES)
def test_the_report_reads_as_it_did(name: str, form: str) -> None:
    path = GOLDEN / f"{name}.{form}"
    report = forms(TOLD[name]().entries)[form]
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(report)
    assert report == path.read_text()


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.{form}" for name, form in FILES}
