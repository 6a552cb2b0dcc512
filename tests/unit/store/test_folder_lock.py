from __future__ import annotations

import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from headgate.adapters.store.folder_lock import FolderLock, Holder
from headgate.domain.errors import HeadgateError

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys
from pathlib import Path
from headgate.adapters.store.folder_lock import FolderLock
print(FolderLock(Path(sys.argv[1])).try_acquire("theirs"), flush=True)
sys.stdin.read()
"""
STORM = """
import sys
from pathlib import Path
from headgate.adapters.store.folder_lock import FolderLock
while True:
    FolderLock(Path(sys.argv[1])).holder()
"""


@pytest.fixture(name="path")
def a_path(tmp_path: Path) -> Path:
    return tmp_path / ".headgate" / "engine.lock"


def test_a_lock_is_held_by_one_and_names_it(path: Path) -> None:
    mine, other = FolderLock(path), FolderLock(path)
    assert mine.try_acquire("c1")
    assert not mine.try_acquire("c2")
    assert not other.try_acquire("c2")
    assert other.holder() == mine.holder() == Holder(os.getpid(), "c1")
    other.release()
    assert mine.holder() is not None, "who does not hold it cannot give it back"


def test_a_lock_given_back_is_free_for_the_next(path: Path) -> None:
    mine, other = FolderLock(path), FolderLock(path)
    assert mine.holder() is None
    assert mine.try_acquire("a change with a long name")
    mine.release()
    assert mine.holder() is None
    assert other.try_acquire("c2")
    assert mine.holder() == Holder(os.getpid(), "c2")
    other.release()


def test_the_lock_of_a_killed_process_is_free(path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        mine = FolderLock(path)
        assert not mine.try_acquire("ours")
        assert mine.holder() == Holder(process.pid, "theirs")
        process.kill()
        process.wait()
    assert path.read_text() == f"{process.pid} theirs\n"
    assert mine.holder() is None
    assert mine.try_acquire("ours")
    mine.release()


def test_asking_who_holds_it_keeps_nobody_from_taking_it(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("1 left by a killed process\n")
    with subprocess.Popen([sys.executable, "-c", STORM, str(path)]) as asking:
        try:
            for _ in range(200):
                lock = FolderLock(path)
                assert lock.try_acquire("c1")
                lock.release()
                path.write_text("1 left by a killed process\n")
        finally:
            asking.kill()


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / ".headgate").write_text("")
    with pytest.raises(HeadgateError, match="lock cannot be made"):
        FolderLock(tmp_path / ".headgate" / "engine.lock").try_acquire("c1")


def test_on_a_full_disk_the_lock_holds_without_saying_for_whom(path: Path) -> None:
    mine, other = FolderLock(path), FolderLock(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # nothing can be written any more
    try:
        assert mine.try_acquire("c1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not other.try_acquire("c2")
    assert other.holder() == Holder(0, "")
    mine.release()
    assert other.holder() is None
