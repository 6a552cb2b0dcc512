"""Where the course of a change is shown: drawn on a terminal, told in lines, or kept quiet."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, Self

from headgate.domain.journal import Event
from headgate.entrypoints.cli.views.as_json import entry_as_json, rollout_as_json
from headgate.entrypoints.cli.views.harmless import harmless, json_text
from headgate.entrypoints.cli.views.lines import lines_of
from headgate.entrypoints.cli.views.words import moment, seconds_between

if TYPE_CHECKING:
    from types import TracebackType

    from headgate.domain.journal import Entry
    from headgate.domain.record import ChangeRecord
    from headgate.entrypoints.cli.context import Context


SAMPLES_APART_SECONDS = 1.0
"""How close to each other samples with the same answer are told."""


class Show(Protocol):
    """Shows one change while it goes on."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and leave what was shown."""

    def entry(self, entry: Entry, record: ChangeRecord) -> None:
        """Something was written into the journal; the record has it already."""

    def tick(self, record: ChangeRecord) -> None:
        """Time went by."""

    def say(self, text: str) -> None:
        """Tell something that is not in the journal."""


def show_for(context: Context, *, every_entry: bool = False) -> Show:
    """The right one. `every_entry`: with --json, one JSON line for each entry instead of silence."""
    if context.json:
        return EntriesAsJson(context) if every_entry else Quiet(context)
    return Drawn(context) if context.live else Told(context)


class Quiet:
    """Shows nothing: the result says it all."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def entry(self, entry: Entry, record: ChangeRecord) -> None:
        pass

    def tick(self, record: ChangeRecord) -> None:
        pass

    def say(self, text: str) -> None:
        self._context.note(text)


class Told(Quiet):
    """One plain line an entry; with a watch that looks often, not each time."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._sample: Entry | None = None

    def entry(self, entry: Entry, record: ChangeRecord) -> None:
        if entry.event is Event.WATCH_SAMPLED:
            if self._says_the_same(entry):
                return
            self._sample = entry
        for line in lines_of(entry, record, calls=self._context.verbose):
            self._context.say(line)

    def _says_the_same(self, sample: Entry) -> bool:
        """Whether a sample that was told just before had the same answer."""
        told = self._sample
        if told is None or told.data["answer"] != sample.data["answer"]:
            return False
        later = moment(sample.at)
        return later is not None and seconds_between(told.at, later) < SAMPLES_APART_SECONDS


class EntriesAsJson(Quiet):
    """One JSON object a line and an entry."""

    def entry(self, entry: Entry, record: ChangeRecord) -> None:
        said = entry_as_json(entry)
        if entry.event is Event.WATCH_SAMPLED:
            said |= rollout_as_json(record)
        self._context.print_line(json_text(said))


class Drawn(Quiet):
    """A view that is drawn again and again in the same place."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._live: Any = None

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._context.out, no_color=not self._context.ink.on, highlight=False)
        on_it = self._context.err.isatty()
        # Every frame is drawn by `tick`, in this thread; nothing is drawn behind its back.
        # A terminal that is closed ends the command (see `interrupts`). Under `nohup` it does not: then the
        # change goes on, and what cannot be drawn any more is not.
        self._live = Live(
            console=console, auto_refresh=False, vertical_overflow="crop", redirect_stderr=on_it
        )
        with suppress(OSError):
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._live.stop()

    def tick(self, record: ChangeRecord) -> None:
        from headgate.entrypoints.cli.views.live import live

        drawn = live(record, self._context.clock.now(), self._live.console.width)
        with suppress(OSError):
            self._live.update(drawn, refresh=True)

    def say(self, text: str) -> None:
        with suppress(OSError):
            self._live.console.print(harmless(text), markup=False)
