"""Traffic that was recorded elsewhere, as a table: each row has what both versions had in one interval."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.domain.errors import ConfigError
from headgate.domain.judge.interval import USERS, Interval, Pair
from headgate.domain.traffic import Counters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECONDS = "seconds"
COUNTS = ("canary_requests", "canary_errors", "baseline_requests", "baseline_errors")
COLUMNS = (SECONDS, *COUNTS)
BUCKETS = ("canary_le_", "baseline_le_")
ROWS_MAX = 1_000_000
COUNT_MAX = 10**15
LAST_SECONDS = 10.0
"""How long a single row is taken to last."""


@dataclass(frozen=True, slots=True)
class Row:
    """One interval: it began at `seconds` and lasts until the next row begins."""

    line: int
    seconds: float
    canary: Counters
    baseline: Counters


@dataclass(frozen=True, slots=True)
class Recorded:
    """Intervals before the canary had traffic, and those since; times count from when it first had."""

    history: tuple[Interval, ...]
    intervals: tuple[Interval, ...]


def recorded(lines: Iterable[str], name: str) -> Recorded:
    """Read a table in CSV, of a file that people know by `name`.

    Raises ConfigError, which names the line, where a column is missing, a value is no count, there are more
    errors than requests, a histogram goes down, or time does.
    """
    rows = _rows(lines, name)
    first = next((row for row in rows if row.canary.requests), None)
    if first is None:
        raise ConfigError(
            "The canary has no request in any row, so there is nothing to judge.",
            where=name,
            remedy="canary_requests has to be above 0 from the row on where the canary has traffic.",
        )
    ends = [row.seconds for row in rows[1:]]
    ends.append(rows[-1].seconds + (rows[-1].seconds - rows[-2].seconds if len(rows) > 1 else LAST_SECONDS))
    intervals = [
        Interval(row.seconds - first.seconds, end - row.seconds, {USERS: Pair(row.canary, row.baseline)})
        for row, end in zip(rows, ends, strict=True)
    ]
    return Recorded(
        history=tuple(one for one in intervals if one.at_seconds < 0),
        intervals=tuple(one for one in intervals if one.at_seconds >= 0),
    )


def _rows(lines: Iterable[str], name: str) -> list[Row]:
    table = csv.reader(lines, strict=True)
    rows: list[Row] = []
    try:
        header = [column.strip() for column in next(table, [])]
        _check(header, name)
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            row = _Line(header, cells, f"{name}, line {table.line_num}").row(table.line_num)
            _in_order(rows, row, name)
            rows.append(row)
    except csv.Error as error:
        raise ConfigError(f"This is no CSV: {error}.", where=f"{name}, line {table.line_num}") from error
    if not rows:
        raise ConfigError(
            "There is no row.", where=name, remedy="Below the names of the columns, each line is an interval."
        )
    return rows


def _check(header: list[str], name: str) -> None:
    where = f"{name}, line 1"
    if missing := [column for column in COLUMNS if column not in header]:
        raise ConfigError(
            f"The column {missing[0]} is missing."
            if len(missing) == 1
            else f"These columns are missing: {', '.join(missing)}.",
            where=where,
            remedy=f"The first line names the columns: {','.join(COLUMNS)}.",
        )
    for column in header:
        if header.count(column) > 1:
            raise ConfigError(f"The column {column} is there twice.", where=where)
        if column.startswith(BUCKETS) and not _is_edge(column.partition("_le_")[2]):
            raise ConfigError(
                f"The column {column} names no edge in milliseconds.",
                where=where,
                remedy="Such as canary_le_100: requests of 100 ms or less.",
            )
        if column not in COLUMNS and not column.startswith(BUCKETS):
            raise ConfigError(
                f"The column {column} is not known.",
                where=where,
                remedy=f"Known are {', '.join(COLUMNS)}, and canary_le_MS and baseline_le_MS.",
            )


def _is_edge(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False


def _in_order(rows: list[Row], row: Row, name: str) -> None:
    if len(rows) >= ROWS_MAX:
        raise ConfigError(f"There are more than {ROWS_MAX:,} rows.", where=name)
    if rows and row.seconds <= rows[-1].seconds:
        raise ConfigError(
            f"Time does not go on: {row.seconds:g} s comes after {rows[-1].seconds:g} s.",
            where=f"{name}, line {row.line}",
            remedy="Sort the rows by seconds; each interval has one row.",
        )


class _Line:
    """One line's cells by their column."""

    def __init__(self, header: list[str], cells: list[str], where: str) -> None:
        self._where = where
        if len(cells) != len(header):
            raise ConfigError(f"There are {len(cells)} values for {len(header)} columns.", where=where)
        self._cells: Mapping[str, str] = dict(zip(header, (cell.strip() for cell in cells), strict=True))

    def row(self, line: int) -> Row:
        """The line as an interval's beginning and counts."""
        return Row(line, self._number(SECONDS), self._counters("canary"), self._counters("baseline"))

    def _counters(self, arm: str) -> Counters:
        requests, errors = self._count(f"{arm}_requests"), self._count(f"{arm}_errors")
        if errors > requests:
            raise ConfigError(f"The {arm} has {errors} errors in {requests} requests.", where=self._where)
        prefix = f"{arm}_le_"
        columns = [column for column in self._cells if column.startswith(prefix)]
        buckets = {float(column.removeprefix(prefix)): self._count(column) for column in columns}
        if buckets:
            buckets.setdefault(math.inf, requests)
        counts = [buckets[edge] for edge in sorted(buckets)]
        if counts != sorted(counts) or any(count > requests for count in counts):
            raise ConfigError(
                f"The histogram of the {arm} goes down, or beyond its requests.",
                where=self._where,
                remedy="Each column counts all requests up to its edge, the smaller ones too.",
            )
        return Counters(requests, 0, errors, dict(sorted(buckets.items())))

    def _count(self, column: str) -> int:
        value = self._number(column)
        if value < 0 or value != int(value) or value > COUNT_MAX:
            raise self._wrong(column, "a count: a whole number, 0 or more")
        return int(value)

    def _number(self, column: str) -> float:
        try:
            value = float(self._cells[column])
        except ValueError:
            raise self._wrong(column, "a number") from None
        if not math.isfinite(value):
            raise self._wrong(column, "a number")
        return value

    def _wrong(self, column: str, wanted: str) -> ConfigError:
        return ConfigError(f"{column} is {self._cells[column]!r}, which is not {wanted}.", where=self._where)
