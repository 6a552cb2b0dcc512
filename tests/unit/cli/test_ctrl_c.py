"""Ctrl-C while a release runs: once it is undone, twice it is left to the next command."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).with_name("interruptible.py")


@pytest.fixture
def deploy(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A release that has begun its first step."""
    command = [sys.executable, SCRIPT, request.param]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            read_until(process.stdout, "step: upload to staging")
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("deploy", ["obeys"], indirect=True)
def test_once_undoes_what_was_done(deploy: subprocess.Popen[str]) -> None:
    deploy.send_signal(signal.SIGINT)
    out, err = deploy.communicate(timeout=30)

    assert deploy.returncode == 4
    assert "Asked to abort: what was done is being undone." in err
    assert "was rolled back" in out


@pytest.mark.parametrize("deploy", ["deaf"], indirect=True)
def test_twice_leaves_it_in_the_middle(deploy: subprocess.Popen[str]) -> None:
    deploy.send_signal(signal.SIGINT)
    told = read_until(deploy.stderr, "Asked to abort")
    deploy.send_signal(signal.SIGINT)
    _, err = deploy.communicate(timeout=30)

    assert deploy.returncode == 7
    assert "Asked to abort" in told
    assert "left change c001 in the middle" in err
    assert "headgate resume" in err


def read_until(stream: IO[str] | None, text: str) -> str:
    """Read lines up to one that has the text. The test's own time limit bounds it."""
    assert stream is not None
    for line in stream:
        if text in line:
            return line
    raise AssertionError(f"{text!r} was never said")
