from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headgate.adapters.processes import Finished, end_all, run, running


def python(code: str, folder: Path, **more: float) -> Finished:
    settings = {"timeout_seconds": 20.0, **more}
    limit = settings.pop("output_bytes_max", 1 << 20)
    return run(
        [sys.executable, "-c", code],
        folder=folder,
        environment=dict(os.environ),
        timeout_seconds=settings["timeout_seconds"],
        output_bytes_max=int(limit),
    )


def test_both_outputs_and_the_exit_code_are_told(tmp_path: Path) -> None:
    code = "import sys, os; print(os.getcwd(), flush=True); print('wrong', file=sys.stderr); sys.exit(3)"
    finished = python(code, tmp_path)
    assert (finished.exit_code, finished.timed_out) == (3, False)
    assert finished.output == f"{tmp_path}\nwrong\n"


def test_there_is_no_input(tmp_path: Path) -> None:
    assert python("import sys; print(repr(sys.stdin.read()))", tmp_path).output == "''\n"


def test_only_the_end_of_a_long_output_is_kept(tmp_path: Path) -> None:
    finished = python("print(chr(10).join(map(str, range(300000))))", tmp_path, output_bytes_max=1000)
    assert len(finished.output) == 1000
    assert finished.output.endswith("\n299999\n")


def test_at_the_time_limit_all_of_it_is_ended(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path('child').write_text(str(child.pid)); print('started', flush=True); time.sleep(60)\n"
    )
    started = time.monotonic()
    finished = python(code, tmp_path, timeout_seconds=1.0)
    assert finished.timed_out
    assert finished.exit_code != 0
    assert finished.output == "started\n"
    assert time.monotonic() - started < 10
    assert ended(int((tmp_path / "child").read_text()))


def test_one_that_will_not_listen_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)\n"
    )
    finished = python(code, tmp_path, timeout_seconds=1.0)
    assert (finished.timed_out, finished.exit_code) == (True, -9)


def test_what_it_leaves_behind_is_ended_and_not_waited_for(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path('child').write_text(str(child.pid))\n"
    )
    started = time.monotonic()
    finished = python(code, tmp_path)
    assert (finished.exit_code, finished.timed_out) == (0, False)
    assert time.monotonic() - started < 10
    assert ended(int((tmp_path / "child").read_text()))


def test_one_that_closes_its_output_is_still_waited_for(tmp_path: Path) -> None:
    code = "import os, time; os.close(1); os.close(2); time.sleep(0.3); os._exit(5)"
    finished = python(code, tmp_path)
    assert (finished.exit_code, finished.timed_out) == (5, False)


def test_a_program_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run(["./nothing"], folder=tmp_path, environment={}, timeout_seconds=1)


def ended(pid: int) -> bool:
    """Whether a process ends soon; one that nobody has waited for yet has ended too."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False


STARTER = """
import os, sys, threading, time
from pathlib import Path
from headgate.adapters.processes import run
code = "import os, time; open('child', 'w').write(str(os.getpid())); time.sleep(60)"
asked = {"folder": Path.cwd(), "environment": os.environ, "timeout_seconds": 60}
builder = threading.Thread(target=run, args=([sys.executable, "-c", code],), kwargs=asked)
builder.start()
builder.join()
"""

STOPPABLE = """
import os, sys
from pathlib import Path
from headgate.adapters.processes import run
from headgate.entrypoints.cli.interrupts import stopping
command = ["sh", "-c", "sleep 60 & echo $! > child.part; mv child.part child; wait"]
with stopping():
    run(command, folder=Path.cwd(), environment=os.environ, timeout_seconds=60)
"""


@pytest.mark.parametrize(("code", "number"), [(STARTER, signal.SIGKILL), (STOPPABLE, signal.SIGTERM)])
def test_when_we_are_ended_the_programs_end(tmp_path: Path, code: str, number: int) -> None:
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stderr=subprocess.DEVNULL) as starter:
        child = told(tmp_path / "child")
        starter.send_signal(number)
        starter.wait(20)
    assert ended(child)


def test_all_of_them_can_be_ended_at_once(tmp_path: Path) -> None:
    command = ["sh", "-c", "sleep 60 & echo $! > child.part; mv child.part child; wait"]
    environment = dict(os.environ)
    with running(command, folder=tmp_path, environment=environment, output=subprocess.DEVNULL) as process:
        child = told(tmp_path / "child")
        end_all()
        assert process.wait(20) == -signal.SIGKILL
    assert ended(child)
    end_all()


def told(file: Path) -> int:
    """The number that a program writes into a file soon."""
    for _ in range(500):
        if file.exists() and file.read_text().strip():
            return int(file.read_text())
        time.sleep(0.02)
    raise AssertionError("it never started")
