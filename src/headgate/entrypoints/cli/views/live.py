"""The live view of a change, as a pure function: record, time and width in, something to draw out.

What is finished is folded into one line, so that what happens now is always in sight.
"""
# ruff: noqa: TID253 - this module is loaded when something is drawn on a terminal, and only then

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from headgate.domain.change import ENDED, Phase
from headgate.domain.gate import Verdict
from headgate.domain.judge.evidence import Side
from headgate.domain.looks.arm import QUANTILES
from headgate.domain.looks.look import last_look
from headgate.domain.looks.standing import standing
from headgate.domain.record import StepState
from headgate.entrypoints.cli.views.evidence import LABELS, bar, odds, shown
from headgate.entrypoints.cli.views.harmless import harmless
from headgate.entrypoints.cli.views.reading import (
    PHASES,
    Figures,
    figures,
    left_alone,
    new_version,
    split_now,
    took_seconds,
    watch_seconds,
)
from headgate.entrypoints.cli.views.words import (
    band,
    duration,
    milliseconds,
    noun,
    percent,
    rate,
    seconds_between,
    short,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from headgate.domain.judge.evidence import Evidence
    from headgate.domain.looks.arm import Arm
    from headgate.domain.looks.standing import Standing
    from headgate.domain.record import ChangeRecord, StepRecord

LABEL_WIDTH = 10
BAR_WIDTH_MAX = 40
EVIDENCE_WIDTH_MIN, EVIDENCE_WIDTH_MAX = 6, 30
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
FRAMES_PER_SECOND = 8

_VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.PASS: ("✓", "green"),
    Verdict.WARN: ("!", "yellow"),
    Verdict.INCONCLUSIVE: ("?", "red"),
    Verdict.FAIL: ("✗", "red"),
}
_STATES: Mapping[StepState, tuple[str, str]] = {
    StepState.WAITING: ("·", "dim"),
    StepState.DONE: ("✓", "green"),
    StepState.FAILED: ("✗", "red"),
    StepState.UNDONE: ("↶", "yellow"),
}


def live(record: ChangeRecord, now: datetime, width: int) -> RenderableType:
    """The change as it is at `now`, for a terminal of `width` columns."""
    parts = [_title(record, now), _phases(record), _gates(record), _steps(record, now)]
    parts += [_traffic(record, width), _figures(record), _evidence(record, width)]
    parts += [_watch(record, now, width), _turn(record)]
    return Harmless(Group(*(part for part in parts if part is not None)))


class Harmless:
    """What is drawn, without what would steer the terminal: much of it was written by others."""

    def __init__(self, drawn: RenderableType) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._drawn, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)


def _title(record: ChangeRecord, now: datetime) -> RenderableType:
    change = record.change
    left = Text.assemble(
        (str(change.target), "bold"), f"  {noun(change)} {change.id}", (f"  {change.author}", "dim")
    )
    took = Text(duration(took_seconds(record, now)), style="dim")
    row = Table.grid(expand=True)
    row.add_column(overflow="ellipsis", no_wrap=True)
    row.add_column(justify="right", no_wrap=True)
    row.add_row(left, took)
    reason = Text(" ".join(change.reason.split()), style="dim", no_wrap=True, overflow="ellipsis")
    return Group(row, reason, Text())


def _phases(record: ChangeRecord) -> RenderableType:
    """The life of the change, what is behind it and what is ahead; or the way it turned."""
    if record.phase is Phase.REJECTED:
        return Text.assemble(("✗ ", "red"), ("rejected", "bold red"), "\n")
    if record.phase in (Phase.UNDOING, Phase.ROLLED_BACK):
        return Text.assemble(("↶ ", "yellow"), (str(record.phase), "bold yellow"), "\n")
    reached = PHASES.index(record.phase)
    text = Text(overflow="fold")
    for position, phase in enumerate(PHASES):
        style = "dim" if position > reached else "bold" if position == reached else "green"
        text.append(str(phase), style)
        text.append("" if phase is PHASES[-1] else " → ", "dim")
    return Group(text, Text())


def _gates(record: ChangeRecord) -> RenderableType | None:
    if not record.gates:
        return None
    if record.phase not in (Phase.PLANNED, Phase.GATED, Phase.REJECTED):
        warned = [gate.gate for gate in record.gates if gate.verdict is Verdict.WARN]
        more = f", with warnings: {', '.join(warned)}" if warned else ""
        return _labelled("gates", _marked(("✓", "green"), f"{len(record.gates)} passed{more}"))
    rows = []
    for gate in record.gates:
        line = _marked(_VERDICTS[gate.verdict], f"{gate.gate:<16}")
        line.append(gate.summary, "dim")
        rows.append(line)
        rows += [
            Text(f"  {text}", style="default" if number == 0 else "dim")
            for finding in gate.findings
            if finding.verdict is not Verdict.PASS
            for number, text in enumerate(_finding(finding.what, finding.where, finding.remedy))
        ]
    return _labelled("gates", *rows)


def _finding(what: str, where: str, remedy: str) -> list[str]:
    return [f"{what} ({where})" if where else what, *([remedy] if remedy else [])]


def _steps(record: ChangeRecord, now: datetime) -> RenderableType | None:
    if not record.steps or record.phase in (*PHASES[:4], Phase.REJECTED):
        return None
    if record.phase in PHASES[5:]:
        seconds = sum(step.seconds for step in record.steps.values())
        return _labelled(
            "steps", _marked(("✓", "green"), f"{len(record.steps)} done and verified in {duration(seconds)}")
        )
    if record.phase is Phase.ROLLED_BACK:
        undone = sum(step.state is StepState.UNDONE for step in record.steps.values())
        return _labelled("steps", _marked(_STATES[StepState.UNDONE], f"{undone} undone"))
    if standing(record) is not None:
        return _labelled("steps", *_steps_watched(record))
    return _labelled("steps", *(_step(step, now) for step in record.steps.values()))


def _steps_watched(record: ChangeRecord) -> list[Text]:
    """In few lines: while a stage is watched, what it shows has to be in sight."""
    done = sum(step.state is StepState.DONE for step in record.steps.values())
    waiting = [step.title for step in record.steps.values() if step.state is StepState.WAITING]
    more = f"{len(waiting)} to come: {waiting[0]}" if waiting else ""
    rows = [_marked(_STATES[StepState.DONE], f"{done} done and verified")]
    return [*rows, _marked(_STATES[StepState.WAITING], more, "dim")] if more else rows


def _step(step: StepRecord, now: datetime) -> Text:
    if step.state is StepState.RUNNING:
        seconds = seconds_between(step.started_at, now)
        return Text.assemble(
            (f"{frame(now)} ", "cyan"), (step.title, "bold"), (f"  {duration(seconds)}", "dim")
        )
    line = _marked(_STATES[step.state], step.title, "dim" if step.state is StepState.WAITING else "")
    if step.seconds:
        line.append(f"  {duration(step.seconds)}", "dim")
    if step.failure:
        line.append(f"  {step.failure}", "red")
    return line


def _traffic(record: ChangeRecord, width: int) -> RenderableType | None:
    split = split_now(record)
    if not split:
        return None
    new = new_version(record)
    ordered = sorted(split.items(), key=lambda item: item[0] != new)
    bar, words = Text(), Text()
    room = min(BAR_WIDTH_MAX, width // 3)
    for version_id, share in ordered:
        style = "green" if version_id == new else "blue"
        bar.append("━" * round(room * share / 100), style)
        words.append(f"  {short(version_id)} ", style)
        words.append(percent(share), "bold" if share else "dim")
    return _labelled("traffic", bar + words)


def _figures(record: ChangeRecord) -> RenderableType | None:
    both = figures(record)
    if not both:
        return None
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column()
    for _ in range(5):
        # As wide as any figure usually gets, so that the columns stay where they are.
        grid.add_column(justify="right", min_width=8)
    grid.add_row("", *(Text(head, style="dim") for head in ("requests", "errors", "p50", "p95", "p99")))
    look = last_look(record)
    arms = (look.new, look.old) if look and look.evidence else (None, None)
    for side, arm in zip(both, arms, strict=False):
        grid.add_row(*_figures_row(side))
        if arm and arm.requests:
            grid.add_row(*_bands_row(arm))
    return _labelled("counted", grid)


def _figures_row(side: Figures) -> tuple[Text, ...]:
    style = "green" if side.serves else "blue"
    name = Text(f"{side.label} {short(side.version_id)}", style=style)
    if side.counted is None:
        return (name, Text("no counters", style="dim"))
    wrong = "bold red" if side.serves and (side.counted["error_rate_percent"] or 0) >= 1 else "default"
    return (
        name,
        Text(f"{side.counted['requests']:,}"),
        Text(rate(side.counted["error_rate_percent"]), style=wrong),
        *(Text(milliseconds(side.counted[f"p{quantile}_ms"])) for quantile in (50, 95, 99)),
    )


def _bands_row(arm: Arm) -> tuple[Text, ...]:
    latencies = (band(arm.latency_band_ms(quantile)) for quantile in QUANTILES)
    cells = ("  95 % sure", "", band(arm.error_band_percent, 2), *latencies)
    return tuple(Text(cell, style="dim", justify="left" if cell == cells[0] else None) for cell in cells)


def _evidence(record: ChangeRecord, width: int) -> RenderableType | None:
    """Both sides on a log scale, each bar ending where it acts; only while it is weighed, or was enough."""
    look = last_look(record)
    if look is None or not look.evidence or record.phase in PHASES[6:]:
        return None
    grid = Table.grid(padding=(0, 1, 0, 0))
    for _ in range(4):
        grid.add_column()
    for side in (Side.ROLLBACK, Side.PROMOTE):
        drawn, more = shown(look.evidence, side)
        for number, one in enumerate(drawn):
            grid.add_row(*_evidence_row("" if number else LABELS[side], one, width))
        if more:
            grid.add_row("", Text(f"and {more} more", style="dim"))
    return _labelled("evidence", grid)


def _evidence_row(label: str, one: Evidence, width: int) -> tuple[Text, ...]:
    bad = one.side is Side.ROLLBACK
    style = ("bold red" if bad else "bold green") if one.is_enough else "yellow" if bad else "green"
    reached, left = bar(one.way, max(EVIDENCE_WIDTH_MIN, min(EVIDENCE_WIDTH_MAX, width - 58)))
    told = Text(odds(one), style=style if one.is_enough else "default")
    return Text(label, style="dim"), Text(one.metric), Text.assemble((reached, style), (left, "dim")), told


def _standing(now: Standing, why: str, width: int) -> RenderableType:
    """Stage and share, how long it has soaked, how long it may take yet, and who is waited for."""
    where = f"stage {now.number} of {now.count}: {percent(now.share_percent)}" if now.number else ""
    then = f", then {percent(now.next_share_percent)}" if now.next_share_percent > now.share_percent else ""
    rows: list[RenderableType] = [Text(f"{where}{then}")] if now.number else []
    progress = ProgressBar(
        total=now.soak_seconds or 1, completed=now.soaked_seconds, width=min(BAR_WIDTH_MAX, width // 3)
    )
    left = now.time_left_seconds
    guess = "time left not known" if left is None else f"about {duration(left)} left"
    soaked = f"seen {duration(now.soaked_seconds)} of {duration(now.soak_seconds)}"
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_row(progress, Text(f"{soaked}, {guess}" if left != 0 else soaked))
    rows.append(row)
    if now.pause:
        rows.append(Text("pause: only a person takes it further", style="yellow"))
    if now.held:
        rows.append(Text(f"held by {now.held}", style="yellow"))
    rows += [
        Text(f"asked about {about}: {', '.join(roles)}", style="yellow") for about, roles in now.asked.items()
    ]
    return _labelled("watch", *rows, Text(why or "waiting for the first figures", style="dim"))


def _watch(record: ChangeRecord, now: datetime, width: int) -> RenderableType | None:
    stands = standing(record)
    if stands is not None:
        why = record.watch_samples[-1]["why"] if record.watch_samples else ""
        return _standing(stands, why, width)
    if record.phase is not Phase.VERIFIED or not record.watch_started_at:
        return None
    watched, planned = watch_seconds(record, now)
    why = Text(record.samples[-1]["why"] if record.samples else "waiting for the first figures", style="dim")
    if not planned:
        return _labelled("watch", Text(duration(watched)), why)
    bar = ProgressBar(total=planned, completed=min(watched, planned), width=min(BAR_WIDTH_MAX, width // 3))
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_row(bar, Text(f"{duration(min(watched, planned))} of {duration(planned)}"))
    return _labelled("watch", row, why)


def _turn(record: ChangeRecord) -> RenderableType | None:
    """Why the change did not go straight on."""
    if record.phase in (Phase.UNDOING, Phase.ROLLED_BACK, Phase.REJECTED) and record.verdict:
        left = [Text(f"left alone: {what}", style="yellow") for what in left_alone(record)]
        stuck = [Text(record.issues[-1], style="red")] if record.undo_failures else []
        return _labelled("why", Text(record.verdict), *left, *stuck)
    if record.abort and record.phase not in ENDED:
        return _labelled("abort", Text(f"asked for by {record.abort.actor}", style="yellow"))
    return None


def frame(now: datetime) -> str:
    """The spinner at a moment."""
    return FRAMES[int(now.timestamp() * FRAMES_PER_SECOND) % len(FRAMES)]


def _marked(mark: tuple[str, str], text: str, style: str = "") -> Text:
    return Text.assemble((f"{mark[0]} ", mark[1]), (text, style))


def _labelled(label: str, *rows: RenderableType) -> RenderableType:
    grid = Table.grid()
    grid.add_column(width=LABEL_WIDTH, style="dim")
    grid.add_column()
    for number, row in enumerate(rows):
        grid.add_row("" if number else label, row)
    return grid
