"""Ctrl-C while a release runs: once it is undone, twice it is left. SIGTERM and SIGHUP leave it at once."""

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
AS_FROM_A_SHELL = (
    sys.executable,
    "-c",
    "import os, sys; from signal import *; signal(SIGHUP, SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])",
)
"""The tests themselves may run under nohup, which what they start would respect."""


@pytest.fixture
def deploy(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A release that has begun its first step."""
    under = ["nohup"] if "nohup" in request.node.name else []
    command = [*AS_FROM_A_SHELL, *under, sys.executable, SCRIPT, request.param]
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


@pytest.mark.parametrize("deploy", ["deaf", "obeys"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end_it_leaves_the_change_at_once(deploy: subprocess.Popen[str], number: int) -> None:
    deploy.send_signal(number)
    _, err = deploy.communicate(timeout=30)

    assert deploy.returncode == 7
    assert "Asked to abort" not in err
    assert "left change c001 in the middle" in err


@pytest.mark.parametrize("deploy", ["deaf"], indirect=True)
def test_a_terminal_that_is_gone_does_not_keep_it_from_leaving(deploy: subprocess.Popen[str]) -> None:
    for stream in (deploy.stdout, deploy.stderr):
        assert stream is not None
        stream.close()
    deploy.send_signal(signal.SIGHUP)

    assert deploy.wait(timeout=30) == 7


@pytest.mark.parametrize("deploy", ["obeys"], indirect=True)
def test_under_nohup_a_closed_terminal_is_nothing(deploy: subprocess.Popen[str]) -> None:
    deploy.send_signal(signal.SIGHUP)
    deploy.send_signal(signal.SIGINT)
    deploy.communicate(timeout=30)

    assert deploy.returncode == 4


@pytest.mark.parametrize("deploy", ["building"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_while_it_builds_it_is_stopped_and_nothing_is_left(
    deploy: subprocess.Popen[str], number: int
) -> None:
    deploy.send_signal(number)
    out, err = deploy.communicate(timeout=30)

    assert deploy.returncode == 130
    assert "headgate: stopped." in err
    assert "withdrawn: stopped before it began" in out


@pytest.mark.parametrize("deploy", ["moving"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_rollback_that_is_stopped_half_way_is_left_to_the_next_command(
    deploy: subprocess.Popen[str], number: int
) -> None:
    deploy.send_signal(number)
    _, err = deploy.communicate(timeout=30)

    assert deploy.returncode == 7
    assert "left change c001 in the middle" in err


def read_until(stream: IO[str] | None, text: str) -> str:
    """Read lines up to one that has the text. The test's own time limit bounds it."""
    assert stream is not None
    for line in stream:
        if text in line:
            return line
    raise AssertionError(f"{text!r} was never said")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_module_that_is_being_loaded_is_loaded_first(tmp_path: Path, number: int) -> None:
    slow = f"import os, time; os.kill(os.getpid(), {int(number)}); time.sleep(0.2); print('loaded')"
    (tmp_path / "slow.py").write_text(slow)
    code = (
        "import time\n"
        "from headgate.entrypoints.cli.interrupts import stopping\n"
        "try:\n"
        "    with stopping():\n"
        "        import slow\n"
        "        time.sleep(20)\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped')\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=15, check=False)
    assert (done.stdout, done.stderr) == ("loaded\nstopped\n", "")
