"""Clients who leave before the answer: the platform cancels what they asked for."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import struct
from typing import TYPE_CHECKING

import pytest

from localedge.kv.store import KvStore, KvValue
from tests.localedge.runtime.visitors import until_so
from tests.localedge.runtime.workers import KV, NAMESPACE, version

if TYPE_CHECKING:
    import httpx2

    from localedge.runtime import Runtime, VersionCounters, VersionSpec

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

SLOW = """
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const seen = [];

export default {
  async fetch(request, env, context) {
    const path = new URL(request.url).pathname;
    if (path === "/seen") return Response.json(seen);
    seen.push("begun");
    request.signal.addEventListener("abort", () => seen.push("aborted"));
    if (path === "/kept") context.waitUntil(sleep(500).then(() => env.KV.put("kept", "done")));
    await sleep(path === "/short" ? 1500 : 20_000);
    seen.push("ended");
    return new Response("late");
  },
};
"""


def signalled(spec: VersionSpec) -> VersionSpec:
    return dataclasses.replace(spec, compatibility_flags=("enable_request_signal",))


async def begun(runtime: Runtime, method: str, path: str) -> asyncio.StreamWriter:
    """A request that is not answered yet."""
    _, writer = await asyncio.open_connection("127.0.0.1", int(runtime.traffic_url.rpartition(":")[2]))
    head = f"{method} {path} HTTP/1.1\r\nHost: shop.localhost\r\n"
    writer.write(f"{head}Content-Length: 1\r\n\r\na".encode() if method == "POST" else f"{head}\r\n".encode())
    return writer


def leave(visit: asyncio.StreamWriter) -> None:
    """With a reset: workerd does not notice a client that only says it will send no more."""
    visit.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visit.transport.abort()


async def counted(runtime: Runtime) -> VersionCounters:
    (counters,) = await runtime.counters()
    return counters


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_worker_is_told_and_what_it_was_doing_ends(
    runtime: Runtime, shop: httpx2.AsyncClient, method: str
) -> None:
    await runtime.start_version(signalled(version("only", SLOW)))
    await runtime.set_splits({"shop": {"only": 100}})
    visit = await begun(runtime, method, "/short")
    await until_so(lambda: _is_seen(shop, ["begun"]))
    assert (await counted(runtime)).inflight == 1
    leave(visit)
    await until_so(lambda: _is_seen(shop, ["begun", "aborted"]))
    await asyncio.sleep(2)
    assert (await shop.get("/seen")).json() == ["begun", "aborted"]
    counters = await counted(runtime)
    assert (counters.inflight, counters.exceptions, counters.unanswered) == (0, 0, 0)
    assert counters.disconnects == 1
    assert counters.statuses.keys() == {200}, "of those who asked what was seen"


async def test_what_waits_in_the_background_is_done(
    runtime: Runtime, kv: KvStore, shop: httpx2.AsyncClient
) -> None:
    await runtime.start_version(signalled(version("only", SLOW, bindings=(KV,))))
    await runtime.set_splits({"shop": {"only": 100}})
    visit = await begun(runtime, "GET", "/kept")
    await until_so(lambda: _is_seen(shop, ["begun"]))
    leave(visit)

    async def kept() -> bool:
        return await kv.get(NAMESPACE, "kept") == KvValue(b"done")

    await until_so(kept)


async def _is_seen(shop: httpx2.AsyncClient, what: list[str]) -> bool:
    return bool((await shop.get("/seen")).json() == what)
