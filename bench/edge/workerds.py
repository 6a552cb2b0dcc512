"""workerd without the edge: the Worker alone, and behind the least that can be a router inside workerd."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.edge.running import FOLDER, HELLO
from localedge.runtime import capnp
from localedge.runtime.tools import find_tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localedge.runtime.capnp import Value

BACKLOG = 128
HAND_ON = """
import { env } from "cloudflare:workers";
export default { fetch(request) { return env.WORKER.fetch(request); } };
"""


@contextmanager
def bare_workerd() -> Iterator[int]:
    """The Worker in a workerd that listens on TCP itself; its port."""
    with _workerd("bare", [{"name": "main", "worker": _worker(HELLO, [])}]) as port:
        yield port


@contextmanager
def leanest_router(behind: int) -> Iterator[int]:
    """A workerd that hands every request on to a port, and neither chooses nor counts; its port."""
    binding: Value = {"name": "WORKER", "service": "behind"}
    services: list[Value] = [
        {"name": "main", "worker": _worker(HAND_ON, [binding])},
        {"name": "behind", "external": {"address": f"127.0.0.1:{behind}", "http": {}}},
    ]
    with _workerd("leanest", services) as port:
        yield port


def _worker(code: str, bindings: list[Value]) -> Value:
    modules: Value = [{"name": "index.js", "esModule": code}]
    return {"compatibilityDate": "2026-01-01", "modules": modules, "bindings": bindings}


@contextmanager
def _workerd(name: str, services: list[Value]) -> Iterator[int]:
    config = FOLDER.with_name(f"{name}.capnp")
    sockets: Value = [{"name": "main", "http": {}, "service": "main"}]
    config.write_text(capnp.config({"services": services, "sockets": sockets}))
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        descriptor = listener.fileno()
        process = subprocess.Popen(
            [find_tools().workerd, "serve", f"--socket-fd=main={descriptor}", config], pass_fds=[descriptor]
        )
        try:
            yield int(listener.getsockname()[1])
        finally:
            process.kill()
            process.wait()
