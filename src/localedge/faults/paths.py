"""Patterns of paths: `*` stands for one part, `**` for all that is left."""

from __future__ import annotations

import re
from dataclasses import dataclass

REST = "**"
ONE = "*"


@dataclass(frozen=True, slots=True)
class PathPattern:
    """Such as `/workers/scripts/*/deployments`; a `*` inside a part stands for some letters of it."""

    text: str

    def fits(self, path: str) -> bool:
        return re.fullmatch(_regex(self.text), path) is not None

    def read_after(self, written: str) -> str | None:
        """The path of this pattern that a write to another path may have changed.

        `/workers/scripts/*/deployments` and `/workers/scripts/shop/secrets` make
        `/workers/scripts/shop/deployments`. None: the write does not say what the wildcards stand for.
        """
        parts, given = self.text.split("/"), written.split("/")
        found: list[str] = []
        together = True
        for place, part in enumerate(parts):
            there = together and place < len(given)
            if part == REST:
                return "/".join([*found, *given[place:]]) if there else None
            if "*" in part:
                if not there or not re.fullmatch(_regex(part), given[place]):
                    return None
                found.append(given[place])
                continue
            together = there and given[place] == part
            found.append(part)
        return "/".join(found)


def _regex(text: str) -> str:
    parts = re.split(r"(\*\*|\*)", text)
    return "".join({REST: ".*", ONE: "[^/]*"}.get(part, re.escape(part)) for part in parts)
