"""`headgate doctor`: one line for each thing that was looked at, and what to do about what is not well."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headgate.app.doctor import Diagnosis
    from headgate.entrypoints.cli.views.ink import Ink


def doctor(found: Sequence[Diagnosis], *, ink: Ink) -> list[str]:
    """The findings in their order, then how many need something."""
    width = max((len(diagnosis.name) for diagnosis in found), default=0)
    lines: list[str] = []
    for diagnosis in found:
        mark = ink.good("ok  ") if diagnosis.ok else ink.bad("BAD ")
        lines.append(f"{mark} {diagnosis.name.ljust(width)}  {diagnosis.what}")
        if diagnosis.remedy and not diagnosis.ok:
            lines.append(f"{' ' * (width + 7)}{ink.dim(diagnosis.remedy)}")
    bad = sum(not diagnosis.ok for diagnosis in found)
    return [*lines, "", f"{bad} of {len(found)} need something." if bad else "Everything is there."]
