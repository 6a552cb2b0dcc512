"""What a command works with besides its own arguments."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from headgate.entrypoints.cli.actor import actor_of
from headgate.entrypoints.cli.views.ink import Ink, ink_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headgate.app import Application
    from headgate.domain.actor import Actor
    from headgate.domain.settings import Settings
    from headgate.ports import Clock

UNBOUNDED = 10_000
"""A width that nothing reaches: what a program reads is never cut."""


@dataclass
class Context:
    """The global options, the streams, and the application, which is made when it is first asked for."""

    project: Path | None = None
    json: bool = False
    color: bool = True
    verbose: bool = False
    actor_name: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    make_application: Callable[[Path | None], Application] | None = None
    make_clock: Callable[[], Clock] | None = None

    @cached_property
    def application(self) -> Application:
        """The application. Raises ConfigError where headgate.toml is missing or wrong."""
        if self.make_application is not None:
            return self.make_application(self.project)
        from headgate.bootstrap import application

        return application(self.project)

    @property
    def settings(self) -> Settings:
        """The project's settings."""
        return self.application.settings

    @property
    def folder(self) -> Path:
        """The project's folder, as far as it is known."""
        made: Application | None = self.__dict__.get("application")
        return Path(made.settings.project) if made is not None else (self.project or Path())

    @cached_property
    def clock(self) -> Clock:
        """Time."""
        if self.make_clock is not None:
            return self.make_clock()
        from headgate.bootstrap import clock

        return clock()

    @cached_property
    def actor(self) -> Actor:
        """Who gives the command."""
        return actor_of(self.actor_name, self.environ)

    @property
    def ink(self) -> Ink:
        """Colours for what is printed, if the terminal wants them."""
        return ink_for(self.out, wanted=self.color, environ=self.environ)

    @property
    def err_ink(self) -> Ink:
        """The same for errors."""
        return ink_for(self.err, wanted=self.color, environ=self.environ)

    @property
    def width(self) -> int:
        """How many columns there are; without a terminal, as many as a line needs."""
        if not self.out.isatty():
            return UNBOUNDED
        import os

        with suppress(OSError):
            # Some pseudo-terminals say that they have no columns at all.
            return os.get_terminal_size(self.out.fileno()).columns or 80
        return 80

    @property
    def live(self) -> bool:
        """Whether to draw: on a terminal that can, for a person."""
        return not self.json and self.out.isatty() and self.environ.get("TERM", "") != "dumb"

    def close(self) -> None:
        """Let go of what was made."""
        made: Application | None = self.__dict__.get("application")
        if made is not None:
            made.close()

    def say(self, text: str = "") -> None:
        """Print for people; nothing with --json."""
        if not self.json:
            _print(_harmless(text, colours=self.ink.on), self.out)

    def note(self, text: str) -> None:
        """Print beside the result."""
        _print(_harmless(text, colours=self.err_ink.on), self.err)

    def give(self, data: Mapping[str, Any]) -> None:
        """Print the one JSON object of a command that was given --json."""
        from headgate.entrypoints.cli.views.harmless import json_text

        self.print_line(json_text(data, indent=2))

    def print_line(self, text: str) -> None:
        """Print what was asked for."""
        _print(_harmless(text), self.out)


def _harmless(text: str, *, colours: bool = False) -> str:
    from headgate.entrypoints.cli.views.harmless import harmless

    return harmless(text, colours=colours)


def _print(text: str, stream: TextIO) -> None:
    """Print. A change must not stop because nobody reads any more, as in `headgate deploy | head`."""
    try:
        print(text, file=stream, flush=True)
    except OSError:
        _send_nowhere(stream)


def _send_nowhere(stream: TextIO) -> None:
    """What is still buffered would fail again when Python ends."""
    import os

    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
