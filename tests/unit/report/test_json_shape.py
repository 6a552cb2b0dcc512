"""The JSON that docs/concepts/report-and-runbook.md shows is the JSON that is written."""

from __future__ import annotations

import json
from pathlib import Path

from headgate.domain.report import forms
from tests.unit.report.stories import STORIES

PAGE = Path(__file__).parents[3] / "docs" / "concepts" / "report-and-runbook.md"


def shape(value: object) -> object:
    """The keys at every level, in their order; lists by their first item."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_the_documented_json_has_the_fields_of_a_report() -> None:
    example = PAGE.read_text().partition("```json\n")[2].partition("```")[0]
    report = json.loads(forms(STORIES["rolled_back"]().entries)["json"])
    report["acts"] = [act for act in report["acts"] if act["title"] == "upload to staging"]
    documented = json.loads(example)
    assert shape(documented) == shape(report)
    assert list(documented["about"]) == list(report["about"])
    assert documented["schema"] == report["schema"]
