"""Compatibility flags that only experiments may use: the platform refuses them, so no version may have one.

The versions' processes run with `--experimental`, as events enter through an experimental flag of the edge's
own. So workerd is asked once for each flag whether it takes it without.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime import capnp
from localedge.runtime.errors import StartupFailed
from localedge.runtime.wiring import OUR_COMPATIBILITY_DATE

if TYPE_CHECKING:
    from collections.abc import Iterable

CHECK_SECONDS = 15.0
KNOWN_MAX = 1000
MARK = " is experimental and may break"


class Flags:
    """Remembers what workerd said of each flag."""

    def __init__(self, workerd: Path) -> None:
        self._workerd = workerd
        self._fine: set[str] = set()

    async def check(self, flags: Iterable[str]) -> None:
        """`StartupFailed` when one of them is experimental. Other faults show when the version starts."""
        unknown = [flag for flag in flags if flag not in self._fine]
        if not unknown:
            return
        said = await self._said(unknown)
        if MARK in said:
            raise StartupFailed(_told(said))
        if len(self._fine) < KNOWN_MAX:
            self._fine.update(unknown)

    async def _said(self, flags: list[str]) -> str:
        code: capnp.Value = [{"name": "main.js", "esModule": "export default {}"}]
        worker: capnp.Value = {
            "compatibilityDate": OUR_COMPATIBILITY_DATE,
            "compatibilityFlags": flags,
            "modules": code,
        }
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "flags.capnp"
            config.write_text(capnp.config({"services": [{"name": "worker", "worker": worker}]}))
            process = await asyncio.create_subprocess_exec(
                self._workerd,
                "test",
                config,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env={},
            )
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    _, said = await process.communicate()
            except BaseException:
                process.kill()
                raise
        return said.decode("utf-8", "replace")


def _told(said: str) -> str:
    """The sentences on flags, without advice for workerd's own command line."""
    lines = [line.removeprefix("service worker: ") for line in said.splitlines() if MARK in line]
    return "\n".join(line.partition(" To use this flag")[0] for line in lines)
