"""Bookmarks: names of moments in a database's history, in the platform's shape, sorting as the moments do."""

from __future__ import annotations

import hashlib
import re

SHAPE = re.compile(r"([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{32})")


def bookmark(database: str, number: int, time_us: int) -> str:
    """The bookmark of a commit: its number, its time in seconds, and what only this commit has."""
    head = f"{number >> 32:08x}-{number & 0xFFFFFFFF:08x}-{time_us // 1_000_000:08x}"
    told = f"{database} {number} {time_us}".encode()
    return f"{head}-{hashlib.sha256(told).hexdigest()[:32]}"


def number_of(text: str) -> int | None:
    """The commit that a bookmark names; None when it is no bookmark."""
    found = SHAPE.fullmatch(text)
    return (int(found[1], 16) << 32) + int(found[2], 16) if found else None
