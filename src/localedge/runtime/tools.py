"""Where workerd and miniflare's simulator files are: in the nearest `node_modules` that has both."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localedge.runtime.errors import ToolsMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENT_VARIABLE = "LOCALEDGE_NODE_MODULES"
PLATFORMS = {
    ("Linux", "x86_64"): "workerd-linux-64",
    ("Linux", "aarch64"): "workerd-linux-arm64",
    ("Darwin", "x86_64"): "workerd-darwin-64",
    ("Darwin", "arm64"): "workerd-darwin-arm64",
}


@dataclass(frozen=True, slots=True)
class Tools:
    """Paths of what runs: the workerd binary, and the folder of miniflare's simulator Workers."""

    workerd: Path
    simulators: Path


def find_tools() -> Tools:
    """Look in `LOCALEDGE_NODE_MODULES`, else upwards from the working directory, else from this package."""
    package = PLATFORMS.get((platform.system(), platform.machine()))
    if package is None:
        message = f"workerd does not run on {platform.system()} {platform.machine()}"
        raise ToolsMissing(message)
    looked = list(dict.fromkeys(_candidates()))
    for node_modules in looked:
        tools = Tools(
            workerd=node_modules / "@cloudflare" / package / "bin" / "workerd",
            simulators=node_modules / "miniflare" / "dist" / "src" / "workers",
        )
        if tools.workerd.is_file() and (tools.simulators / "kv" / "namespace.worker.js").is_file():
            return tools
    raise ToolsMissing(_advice(looked))


def _candidates() -> Iterator[Path]:
    if named := os.environ.get(ENVIRONMENT_VARIABLE):
        yield Path(named).absolute()
        return
    for start in (Path.cwd(), Path(__file__).parent):
        for folder in (start, *start.parents):
            yield folder / "node_modules"


def _advice(looked: list[Path]) -> str:
    if len(looked) == 1:
        where = f"{looked[0]}, which {ENVIRONMENT_VARIABLE} names"
    else:
        where = f"any node_modules from {looked[0].parent} upwards"
    return (
        f"workerd and miniflare are not in {where}. Run `npm ci --ignore-scripts` in the project "
        "(or `npm install --ignore-scripts wrangler`), "
        f"or let {ENVIRONMENT_VARIABLE} name a node_modules that has both."
    )
