"""The report as JSON.

Its shape is described in docs/concepts/report-and-runbook.md; `schema` counts the changes of it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.domain.report.model import Report

SCHEMA = 1


def as_json(report: Report) -> str:
    """The report as JSON, indented by two; null is what was not measured."""
    content = {"schema": SCHEMA, **asdict(report)}
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
