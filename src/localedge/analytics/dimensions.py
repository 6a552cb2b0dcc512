"""By what invocations can be filtered, grouped and ordered."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localedge.analytics.rows import Row

INTERVALS = {
    "date": 86400,
    "datetime": 1,
    "datetimeMinute": 60,
    "datetimeFiveMinutes": 300,
    "datetimeTenMinutes": 600,
    "datetimeFifteenMinutes": 900,
    "datetimeHour": 3600,
    "datetimeSixHours": 21600,
}
"""Seconds."""
CONSTANT = {
    "coloCode": "LCL",
    "dispatchNamespaceName": "",
    "environmentName": "production",
    "usageModel": "standard",
}
"""What is the same for all invocations here."""
NAMES = ("scriptName", "scriptTag", "constantScriptId", "scriptVersion", "status")
DIMENSIONS = (*INTERVALS, *NAMES, *CONSTANT, "isDispatcher")

Value = int | str


@dataclass(frozen=True, slots=True)
class Invocations:
    """Those of a row that ended in one way, with their part of what is known of the row as a whole."""

    row: Row
    status: str

    @property
    def requests(self) -> int:
        return self.row.outcomes[self.status]

    @property
    def share(self) -> float:
        return self.requests / self.row.requests

    def value(self, dimension: str, tag_of: Callable[[str], str]) -> Value:
        """Times in seconds since 1970."""
        if dimension in INTERVALS:
            return self.row.at - self.row.at % INTERVALS[dimension]
        match dimension:
            case "scriptName":
                return self.row.script
            case "scriptTag" | "constantScriptId":
                return tag_of(self.row.script)
            case "scriptVersion":
                return self.row.version_id
            case "status":
                return self.status
            case "isDispatcher":
                return 0
            case _:
                return CONSTANT[dimension]


def split(rows: list[Row]) -> Iterator[Invocations]:
    """By how they ended."""
    for row in rows:
        for status in row.outcomes:
            yield Invocations(row, status)


def told(dimension: str, value: Value) -> Value:
    """As an answer has it."""
    if dimension not in INTERVALS:
        return value
    time = datetime.datetime.fromtimestamp(int(value), datetime.UTC)
    return time.strftime("%Y-%m-%d" if dimension == "date" else "%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> float:
    """Of a time as clients write it, with or without a zone. `ValueError` if it is none."""
    time = datetime.datetime.fromisoformat(text)
    return (time if time.tzinfo else time.replace(tzinfo=datetime.UTC)).timestamp()
