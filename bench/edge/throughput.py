"""Requests a second: hello-world through the edge, and served by bare workerd, in turn."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench.edge.client import Load, LoadProcess
from bench.edge.running import FOLDER, HELLO
from localedge.runtime import capnp
from localedge.runtime.tools import find_tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.edge.running import RunningEdge
    from localedge.runtime.capnp import Value

CONNECTIONS = 32
ROUNDS = 5
ROUND_SECONDS = 2.0


class Wrong(Exception):
    """The edge answered or counted wrongly, so that its figures mean nothing."""


@dataclass(frozen=True)
class Throughput:
    """Requests a second in each round: bare, one version, two versions."""

    rounds: tuple[tuple[float, float, float], ...]

    @property
    def ratio(self) -> float:
        """One version behind the edge to bare workerd: the median of the rounds' ratios."""
        return median(one / bare for bare, one, _ in self.rounds)

    def __str__(self) -> str:
        names = ("bare workerd", "the edge, one version", "the edge, 50/50")
        columns = zip(*self.rounds, strict=True)
        return "\n".join(
            f"  {name:22} median {median(each):8,.0f} requests/s   ({min(each):,.0f} to {max(each):,.0f})"
            for name, each in zip(names, columns, strict=True)
        )


def measure(edge: RunningEdge) -> Throughput:
    """Raises Wrong when an answer was not as it should be, or the counters do not agree with the client."""
    edge.upload("one", first=True)
    halves = [edge.upload("two", first=True), edge.upload("two")]
    edge.split("two", dict.fromkeys(halves, 50.0))
    loads = []
    with bare_workerd() as bare_port:
        for _ in range(ROUNDS + 1):
            bare = _load(bare_port, "one", marked=0)
            loads.append((bare, _load(edge.traffic_port, "one"), _load(edge.traffic_port, "two")))
    for script, column in (("one", 1), ("two", 2)):
        answered, counted = sum(each[column].good for each in loads), edge.requests_counted(script)
        if answered != counted:
            raise Wrong(f"{script}: the client got {answered} answers, the edge counted {counted}")
    # The first round warms up.
    return Throughput(tuple((bare.rate, one.rate, two.rate) for bare, one, two in loads[1:]))


def _load(port: int, script: str, *, marked: int = 1) -> Load:
    host = f"{script}.localhost"
    load = LoadProcess(port, host, connections=CONNECTIONS, seconds=ROUND_SECONDS, marked=marked).wait()
    if load.bad:
        raise Wrong(f"{load.bad} bad answers, such as {load.told[0]}")
    return load


@contextmanager
def bare_workerd() -> Iterator[int]:
    """The same Worker in a workerd that listens on TCP itself; its port."""
    config = FOLDER.with_name("bare.capnp")
    module: Value = {"name": "index.js", "esModule": HELLO}
    worker: Value = {"compatibilityDate": "2026-01-01", "modules": [module]}
    services: Value = [{"name": "hello", "worker": worker}]
    sockets: Value = [{"name": "main", "http": {}, "service": "hello"}]
    config.write_text(capnp.config({"services": services, "sockets": sockets}))
    with socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS) as listener:
        descriptor = listener.fileno()
        process = subprocess.Popen(
            [find_tools().workerd, "serve", f"--socket-fd=main={descriptor}", config], pass_fds=[descriptor]
        )
        try:
            yield int(listener.getsockname()[1])
        finally:
            process.kill()
            process.wait()
