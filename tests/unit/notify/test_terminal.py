from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.adapters.notify.several import SeveralChannels
from headgate.adapters.notify.terminal import TerminalNotifier
from headgate.domain.role import Delivery, Notice, Role

if TYPE_CHECKING:
    import pytest


def test_a_notice_names_the_role_and_indents_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    delivered = TerminalNotifier().notify(Notice(Role.QA, "Release c1 is live", "Please verify\n\n- it"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "→ qa: Release c1 is live\n    Please verify\n    - it\n"
    assert delivered == (Delivery(Role.QA, "terminal", delivered=True),)


def test_what_would_steer_the_terminal_is_taken_out() -> None:
    lines: list[str] = []
    TerminalNotifier(lines.append).notify(Notice(Role.QA, "a\x1b[2Jb", "c\x07d\r"))
    assert lines == ["→ qa: a [2Jb", "    c d"]


def test_a_long_text_is_cut_and_counted() -> None:
    lines: list[str] = []
    TerminalNotifier(lines.append).notify(Notice(Role.QA, "s", "\n".join(map(str, range(25)))))
    assert lines[-2:] == ["    19", "    and 5 lines more, in the report"]


def test_a_closed_terminal_is_told_in_the_delivery() -> None:
    def write(_line: str) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    (delivery,) = TerminalNotifier(write).notify(Notice(Role.QA, "s", "t"))
    assert not delivery.delivered
    assert "Broken pipe" in delivery.what


def test_every_channel_gets_the_notice() -> None:
    first: list[str] = []
    second: list[str] = []
    both = SeveralChannels((TerminalNotifier(first.append), TerminalNotifier(second.append)))
    assert len(both.notify(Notice(Role.QA, "s", "t"))) == 2
    assert first == second != []
