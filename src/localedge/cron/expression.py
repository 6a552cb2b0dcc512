"""Cron expressions in the dialect of the platform: five fields, UTC, days of the week from 1 for Sunday.

Beside numbers, names, lists, ranges (also over the end: `22-2`) and steps, the day of the month may be
`L`, `L-3`, `LW`, `L-3W` or `15W`, and the day of the week `6L` or `6#2`. When both days are restricted,
either is enough. No library known to us speaks it. https://github.com/cloudflare/saffron has its grammar.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Mapping

DayRule: TypeAlias = "Callable[[datetime.date], bool]"

MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
SATURDAY, SUNDAY = 5, 6
"""As Python's `weekday()` counts."""


class BadExpression(ValueError):
    """Not an expression of this dialect. The text says why."""


@dataclass(frozen=True, slots=True)
class Field:
    """Which values a field takes, and the names that some of them have."""

    name: str
    lowest: int
    highest: int
    names: Mapping[str, int]


MINUTE = Field("minute", 0, 59, {})
HOUR = Field("hour", 0, 23, {})
DAY = Field("day of the month", 1, 31, {})
MONTH = Field("month", 1, 12, {name.upper(): number for name, number in MONTHS.items()})
WEEKDAY = Field("day of the week", 1, 7, WEEKDAYS)


@dataclass(frozen=True, slots=True)
class Expression:
    """`matches` tells whether it runs in the minute that begins at a time in UTC."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    day: DayRule

    def matches(self, time: datetime.datetime) -> bool:
        return (
            time.minute in self.minutes
            and time.hour in self.hours
            and time.month in self.months
            and self.day(time.date())
        )


def parse(text: str) -> Expression:
    """`BadExpression` says what is wrong."""
    fields = text.split()
    if len(fields) != 5:
        raise BadExpression(f"a cron expression has 5 fields, {text!r} has {len(fields)}")
    minute, hour, day, month, weekday = (field.upper() for field in fields)
    return Expression(
        minutes=_values(minute, MINUTE),
        hours=_values(hour, HOUR),
        months=_values(month, MONTH),
        day=_either(day, _month_rule(day), weekday, _week_rule(weekday)),
    )


def _either(day: str, month_rule: DayRule, weekday: str, week_rule: DayRule) -> DayRule:
    if day == "*":
        return week_rule
    if weekday == "*":
        return month_rule
    return lambda date: month_rule(date) or week_rule(date)


def _values(text: str, field: Field) -> frozenset[int]:
    return frozenset(value for part in text.split(",") for value in _part(part, field))


def _part(text: str, field: Field) -> list[int]:
    """`*`, `3`, `3-7`, each with or without a step; `3/5` goes on to the highest value."""
    whole, stepped, step_text = text.partition("/")
    first, ranged, last = whole.partition("-")
    if whole == "*":
        begin, end = field.lowest, field.highest
    else:
        begin = _number(first, field)
        end = _number(last, field) if ranged else field.highest if stepped else begin
    step = _step(step_text, field) if stepped else 1
    if begin > end:
        return [*range(begin, field.highest + 1), *range(field.lowest, end + 1)][::step]
    return list(range(begin, end + 1, step))


def _number(text: str, field: Field) -> int:
    value = field.names.get(text)
    if value is None and re.fullmatch(r"[0-9]{1,2}", text):
        value = int(text)
    if value is None or not field.lowest <= value <= field.highest:
        message = f"{text!r} is no {field.name}: it has to be from {field.lowest} to {field.highest}"
        raise BadExpression(message)
    return value


def _step(text: str, field: Field) -> int:
    highest = field.highest - field.lowest
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= highest:
        raise BadExpression(f"{text!r} is no step of the {field.name}: it has to be from 1 to {highest}")
    return int(text)


def _month_rule(text: str) -> DayRule:
    if last := re.fullmatch(r"L(?:-([0-9]{1,2}))?(W?)", text):
        before = int(last[1] or 0)
        if last[1] and not 1 <= before <= 30:
            raise BadExpression(f"{text!r}: a day before the last one is from 1 to 30 before it")
        return _last_day_rule(before, nearest=bool(last[2]))
    if closest := re.fullmatch(r"([0-9]{1,2})W", text):
        day = _number(closest[1], DAY)
        return lambda date: day <= _length(date) and date.day == _closest_workday(date, day)
    days = _values(text, DAY)
    return lambda date: date.day in days


def _last_day_rule(before: int, *, nearest: bool) -> DayRule:
    def matches(date: datetime.date) -> bool:
        day = _length(date) - before
        if day < 1:
            return False
        return date.day == (_closest_workday(date, day) if nearest else day)

    return matches


def _week_rule(text: str) -> DayRule:
    """Python counts the days of the week from Monday as 0, the platform from Sunday as 1."""
    if last := re.fullmatch(r"([A-Z0-9]+)L|L", text):
        weekday = _number(last[1], WEEKDAY) if last[1] else WEEKDAY.highest
        return lambda date: _weekday(date) == weekday and date.day + 7 > _length(date)
    if nth := re.fullmatch(r"([A-Z0-9]+)#([0-9])", text):
        weekday, which = _number(nth[1], WEEKDAY), int(nth[2])
        if not 1 <= which <= 5:
            raise BadExpression(f"{text!r}: a month has a day of the week 1 to 5 times")
        return lambda date: _weekday(date) == weekday and (date.day - 1) // 7 + 1 == which
    weekdays = _values(text, WEEKDAY)
    return lambda date: _weekday(date) in weekdays


def _weekday(date: datetime.date) -> int:
    return date.isoweekday() % 7 + 1


def _length(date: datetime.date) -> int:
    """How many days the month has."""
    return calendar.monthrange(date.year, date.month)[1]


def _closest_workday(date: datetime.date, day: int) -> int:
    """The day from Monday to Friday that is closest to a day of the date's month, within that month."""
    weekday = date.replace(day=day).weekday()
    if weekday == SATURDAY:
        return 3 if day == 1 else day - 1
    if weekday == SUNDAY:
        return day - 2 if day == _length(date) else day + 1
    return day
