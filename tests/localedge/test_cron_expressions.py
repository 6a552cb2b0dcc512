"""The dialect of cron expressions: what they match, and which are none."""

from __future__ import annotations

import datetime

import pytest

from localedge.cron.expression import BadExpression, parse

UTC = datetime.UTC
FEBRUARY = [datetime.datetime(2026, 2, day, 0, 0, tzinfo=UTC) for day in range(1, 29)]
MAY = [datetime.datetime(2026, 5, day, 0, 0, tzinfo=UTC) for day in range(1, 32)]
"""February 2026 begins with a Sunday and ends with a Saturday; May 2026 begins with a Friday."""


def days(text: str, month: list[datetime.datetime]) -> list[int]:
    expression = parse(text)
    return [day.day for day in month if expression.matches(day)]


@pytest.mark.parametrize(
    ("text", "february", "may"),
    [
        ("0 0 * * *", list(range(1, 29)), list(range(1, 32))),
        ("0 0 1,15 * *", [1, 15], [1, 15]),
        ("0 0 */10 * *", [1, 11, 21], [1, 11, 21, 31]),
        ("0 0 25/2 * *", [25, 27], [25, 27, 29, 31]),
        ("0 0 30-2 * *", [1, 2], [1, 2, 30, 31]),
        ("0 0 L * *", [28], [31]),
        ("0 0 L-3 * *", [25], [28]),
        ("0 0 LW * *", [27], [29]),
        ("0 0 L-30 * *", [], [1]),
        ("0 0 1W * *", [2], [1]),
        ("0 0 31W * *", [], [29]),
        ("0 0 * * 1", [1, 8, 15, 22], [3, 10, 17, 24, 31]),
        ("0 0 * * sun", [1, 8, 15, 22], [3, 10, 17, 24, 31]),
        ("0 0 * * SAT-SUN", [1, 7, 8, 14, 15, 21, 22, 28], [2, 3, 9, 10, 16, 17, 23, 24, 30, 31]),
        ("0 0 * * 6L", [27], [29]),
        ("0 0 * * friL", [27], [29]),
        ("0 0 * * 2#1", [2], [4]),
        ("0 0 * * 1#5", [], [31]),
        ("0 0 13 * 6", [6, 13, 20, 27], [1, 8, 13, 15, 22, 29]),
        ("0 0 * FEB *", list(range(1, 29)), []),
        ("0 0 * 5-12/3 *", [], list(range(1, 32))),
    ],
)
def test_days(text: str, february: list[int], may: list[int]) -> None:
    assert days(text, FEBRUARY) == february
    assert days(text, MAY) == may


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("*/20 3 * * *", ["03:00", "03:20", "03:40"]),
        ("55-5/5 23 * * *", ["23:00", "23:05", "23:55"]),
        ("7,9 22-1 * * *", ["00:07", "00:09", "01:07", "01:09", "22:07", "22:09", "23:07", "23:09"]),
        ("58/1 12 * * *", ["12:58", "12:59"]),
    ],
)
def test_minutes_and_hours(text: str, minutes: list[str]) -> None:
    expression = parse(text)
    begin = datetime.datetime(2026, 5, 1, tzinfo=UTC)
    day = [begin + datetime.timedelta(minutes=minute) for minute in range(24 * 60)]
    assert [f"{time:%H:%M}" for time in day if expression.matches(time)] == minutes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "0 22 * * 0",
        "* * * * 8",
        "* * * * 2#6",
        "* * * * 2#0",
        "*/0 * * * *",
        "*/60 * * * *",
        "1- * * * *",
        "-1 * * * *",
        "1,,2 * * * *",
        "a * * * *",
        "* * L-31 * *",
        "* * 32W * *",
        "* * 5L * *",
        "@daily",
        "\u0661 * * * *",
    ],
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(BadExpression):
        parse(text)
