"""Requests with a body that the Worker does not read are answered as well as any other."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.localedge.runtime.uploads import KIB, PIECE, Upload, Uploads, read_body
from tests.localedge.runtime.workers import EVERYTHING, version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from localedge.runtime import Runtime

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

UNREADING = """
export default {
  fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/throw": throw new TypeError("boom");
      case "/405": return new Response("not so", { status: 405 });
      case "/begun": request.text().catch(() => {}); return new Response("too early", { status: 425 });
      case "/empty": return new Response(null, { status: 204 });
      default: return new Response("not there", { status: 404 });
    }
  },
};
"""
SIZES = (0, 100, 10 * KIB, 64 * KIB, 100 * KIB, 1024 * KIB)
ANSWERS = {"/throw": 500, "/405": 405, "/404": 404, "/begun": 425}
SOON_SECONDS = 2.0


async def up(runtime: Runtime, code: str) -> None:
    await runtime.start_version(version("only", code))
    await runtime.set_splits({"shop": {"only": 100}})


@contextlib.asynccontextmanager
async def connection(runtime: Runtime) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    port = int(runtime.traffic_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.mark.parametrize("path", ANSWERS)
async def test_none_is_lost(runtime: Runtime, path: str) -> None:
    await up(runtime, UNREADING)
    kinds = tuple(Upload(path, ANSWERS[path], size, chunked) for size in SIZES for chunked in (False, True))
    uploads = Uploads(runtime.traffic_url, kinds)
    await uploads.run()
    assert not uploads.lost
    (counters,) = await runtime.counters()
    assert counters.statuses == {ANSWERS[path]: uploads.sent}, "each came to the Worker once"


@pytest.mark.parametrize("path", ["/throw", "/405", "/empty"])
async def test_after_a_large_one_the_connection_serves_the_next(runtime: Runtime, path: str) -> None:
    await up(runtime, UNREADING)
    large = Upload(path, {**ANSWERS, "/empty": 204}[path], 20 * 1024 * KIB)
    async with connection(runtime) as (reader, writer), asyncio.timeout(20):
        for upload in (large, Upload("/404", 404, 100)):
            writer.write(upload.wire())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert int(head.split()[1]) == upload.status
            if upload.status != 204:
                await read_body(reader, head)


async def test_the_answer_does_not_wait_for_the_rest_of_the_upload(runtime: Runtime) -> None:
    await up(runtime, UNREADING)
    wire = Upload("/405", 405, 1024 * KIB).wire()
    async with connection(runtime) as (reader, writer):
        writer.write(wire[:PIECE])
        async with asyncio.timeout(SOON_SECONDS):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.split()[1] == b"405"
            await reader.readuntil(b"not so")


async def test_the_answer_to_an_upload_that_stops_ends_within_bounds(runtime: Runtime) -> None:
    await up(runtime, UNREADING)
    async with connection(runtime) as (reader, writer), asyncio.timeout(15):
        writer.write(Upload("/405", 405, 1024 * KIB).wire()[:PIECE])
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await read_body(reader, head)
        assert await reader.read() == b"", "the connection cannot be used again, so it is closed"


async def test_a_worker_answers_while_it_reads(runtime: Runtime) -> None:
    await up(runtime, EVERYTHING)
    async with connection(runtime) as (reader, writer), asyncio.timeout(10):
        writer.write(b"POST /echo HTTP/1.1\r\nHost: shop.localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for word in (b"one", b"two", b"six"):
            writer.write(b"3\r\n" + word + b"\r\n")
            await reader.readuntil(word)
        writer.write(b"0\r\n\r\n")
        await reader.readuntil(b"0\r\n\r\n")
