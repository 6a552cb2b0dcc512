"""The report of a change: read from its journal entries, in three forms, and its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.record import record_of
from headgate.domain.report.as_json import as_json
from headgate.domain.report.as_markdown import as_markdown
from headgate.domain.report.as_page import as_page
from headgate.domain.report.picture import picture_of
from headgate.domain.report.reading import report_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headgate.domain.journal import Entry


def forms(entries: Iterable[Entry]) -> Mapping[str, str]:
    """The report of a change's entries, oldest first, as `md`, `json` and `html`.

    Also `svg`, the picture of the rollout, where there is something to draw.
    """
    said = tuple(entries)
    report, picture = report_of(said), picture_of(record_of(said))
    texts = {
        "md": as_markdown(report, has_picture=bool(picture)),
        "json": as_json(report),
        "html": as_page(report, picture),
    }
    return {**texts, "svg": picture} if picture else texts
