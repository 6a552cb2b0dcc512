"""From the command to the moment when users are served by the version before: Headgate against wrangler."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.figures import Pairs

if TYPE_CHECKING:
    from bench.scene import Scene

PAIRS = 7


def measure(scene: Scene) -> Pairs:
    """`headgate rollback` and `wrangler rollback` in turn, each from the state right after a release.

    Both find the version to go back to by themselves. Headgate's part includes its plan, its gate, and the
    smoke checks on that version; wrangler has none of them.
    """
    ours, theirs = (
        scene.headgate("rollback"),
        scene.wrangler("rollback", "--yes", "--name", "shop-production"),
    )
    after_release = scene.deployed()
    seconds = []
    with TemporaryDirectory() as folder:
        journal = _Kept(scene.shell.project / ".headgate", Path(folder))
        for number in range(PAIRS + 1):
            pair = []
            for command in (ours, theirs):
                pair.append(scene.seconds_until_switched(command))
                scene.deploy(after_release)
                journal.bring_back()
            if number:  # the first pair warms up
                seconds.append((pair[0], pair[1]))
    return Pairs("headgate rollback", "wrangler rollback", tuple(seconds))


class _Kept:
    """The journal as it was right after the release: a rollback would else go further back each time."""

    def __init__(self, folder: Path, copy: Path) -> None:
        self._folder, self._copy = folder, copy
        for file in folder.glob("journal.sqlite*"):
            shutil.copy(file, copy)

    def bring_back(self) -> None:
        """Put the copy in the place of what is there."""
        for file in self._folder.glob("journal.sqlite*"):
            file.unlink()
        for file in self._copy.iterdir():
            shutil.copy(file, self._folder)
