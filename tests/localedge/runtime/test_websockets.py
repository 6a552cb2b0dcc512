"""WebSockets through the router: they stay with their version, and end with its process, within bounds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import websockets

from tests.localedge.runtime.visitors import until
from tests.localedge.runtime.workers import version

if TYPE_CHECKING:
    from localedge.runtime import Runtime

pytestmark = pytest.mark.anyio

TALKER = """
let closed = null;

export default {
  fetch(request, env) {
    if (request.headers.get("upgrade") !== "websocket") return Response.json(closed);
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", ({ data }) => {
      if (data === "leave") server.close(4321, "as asked");
      else server.send(data instanceof ArrayBuffer ? data : `${env.VERSION} heard ${data}`);
    });
    server.addEventListener("close", ({ code, reason }) => {
      closed = { code, reason };
      server.close(code, reason);
    });
    const headers = { "sec-websocket-protocol": "talk" };
    return new Response(null, { status: 101, webSocket: client, headers });
  },
};
"""


def connected(runtime: Runtime) -> websockets.connect:
    port = int(runtime.traffic_url.rpartition(":")[2])
    url = f"ws://shop.localhost:{port}/"
    return websockets.connect(url, host="127.0.0.1", port=port, subprotocols=[websockets.Subprotocol("talk")])


async def test_messages_and_close_codes_pass(runtime: Runtime) -> None:
    await runtime.start_version(version("a", TALKER))
    await runtime.set_splits({"shop": {"a": 100}})
    async with connected(runtime) as socket:
        assert socket.subprotocol == "talk"
        await socket.send("text")
        assert await socket.recv() == "a heard text"
        await socket.send(bytes(range(256)) * 1000)
        assert await socket.recv() == bytes(range(256)) * 1000
        await socket.close(4001, "done")
        assert (socket.close_code, socket.close_reason) == (4001, "done")
    async with connected(runtime) as socket:
        await socket.send("leave")
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert (socket.close_code, socket.close_reason) == (4321, "as asked")


async def test_a_connection_stays_with_its_version_until_that_ends(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version_id in ("a", "b"):
        await runtime.start_version(version(version_id, TALKER))
    await runtime.set_splits({"shop": {"a": 100}})
    async with connected(runtime) as old:
        await old.send("one")
        assert await old.recv() == "a heard one"
        await runtime.set_splits({"shop": {"b": 100}})
        async with connected(runtime) as new:
            await new.send("two")
            assert await new.recv() == "b heard two"
        await old.send("three")
        assert await old.recv() == "a heard three"
        monkeypatch.setattr("localedge.runtime.fading.LINGER_SECONDS", 0.0)
        monkeypatch.setattr("localedge.runtime.fading.FINISH_SECONDS", 0.5)
        await runtime.retire_version("a")
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(old.recv(), 30)
    await until(lambda: all(process.name != "version-a" for process in runtime.processes()))
