"""How figures, times and names are written for people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from headgate.domain.change import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.change import Change
    from headgate.domain.traffic import Split

NOUNS: Mapping[ChangeKind, str] = {
    ChangeKind.WORKER_RELEASE: "release",
    ChangeKind.WORKER_ROLLBACK: "rollback",
}


def noun(change: Change) -> str:
    """What a change is called: `release`."""
    return NOUNS[change.kind]


def duration(seconds: float) -> str:
    """`0.4 s`, `42 s`, `3 min 5 s`, `2 h 4 min`, `3 d 4 h`."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    for above, size, small, big, unit in _UNITS:
        if whole >= above:
            rest = whole % size // small
            return f"{whole // size} {big} {rest} {unit}" if rest else f"{whole // size} {big}"
    return f"{whole} s"


_UNITS = ((86400, 86400, 3600, "d", "h"), (3600, 3600, 60, "h", "min"), (60, 60, 1, "min", "s"))


def moment(text: str) -> datetime | None:
    """A time in ISO 8601; None if it is none. Without a zone it is UTC."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def at(text: str) -> str:
    """`2026-11-23 12:04:05 UTC`."""
    parsed = moment(text)
    return f"{parsed.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if parsed else text


def clock_time(text: str) -> str:
    """`12:04:05`, in UTC."""
    parsed = moment(text)
    return f"{parsed.astimezone(UTC):%H:%M:%S}" if parsed else text


def seconds_between(earlier: str, later: datetime) -> float:
    """Seconds from a time in ISO 8601 to another; 0 if the first is none."""
    parsed = moment(earlier)
    return max((later - parsed).total_seconds(), 0.0) if parsed else 0.0


def ago(text: str, now: datetime) -> str:
    """`3 min 5 s ago`."""
    return f"{duration(seconds_between(text, now))} ago"


def age(text: str, now: datetime) -> str:
    """`50 s ago`, `3 min ago`, `2 d ago`: as much as a list needs."""
    seconds = seconds_between(text, now)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds)} s ago"


def short(version_id: str) -> str:
    """The first eight letters of a version's id, enough to tell versions apart."""
    return version_id[:8]


def percent(share: float) -> str:
    """`100 %`, `0.5 %`."""
    return f"{share:g} %"


def rate(value: float | None) -> str:
    """An error rate: `0.02 %`, or `-` where nothing was counted."""
    return "-" if value is None else f"{value:.2f} %"


def band(found: tuple[float, float] | None, decimals: int = 0) -> str:
    """`0.31-0.52`, without the unit of the figure it stands beside; '' where there is none."""
    return f"{found[0]:.{decimals}f}-{found[1]:.{decimals}f}" if found else ""


def milliseconds(value: float | None) -> str:
    """`12 ms`, `0.4 ms`, or `-` where nothing was counted."""
    if value is None:
        return "-"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def split_words(split: Split, *, full: bool = False) -> str:
    """`1a2b3c4d 90 %, 5e6f7a8b 10 %`, the largest share first."""
    ordered = sorted(split.items(), key=lambda item: -item[1])
    return ", ".join(f"{version if full else short(version)} {percent(share)}" for version, share in ordered)
