"""A Worker whose own connection breaks off has thrown an exception: its process has not ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localedge.runtime.workers import version

if TYPE_CHECKING:
    import httpx2

    from localedge.runtime import Runtime

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

LOSING = """
let runs = 0;

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/runs") return new Response(`${runs}`);
    runs++;
    if (request.body) await request.text();
    return fetch("http://127.0.0.1:9/");  // where nobody listens
  },
};
"""

CALLING = """
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.searchParams.has("caught")) {
      return env.OTHER.fetch(request).catch((error) => new Response(error.message, { status: 409 }));
    }
    return env.OTHER.fetch(request);
  },
};
"""


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_it_runs_once_and_is_counted_as_an_exception(
    runtime: Runtime, shop: httpx2.AsyncClient, method: str
) -> None:
    await runtime.start_version(version("only", LOSING))
    await runtime.set_splits({"shop": {"only": 100}})
    answer = await shop.request(method, "/", content=b"a body" if method == "POST" else None)
    assert answer.status_code == 500
    assert answer.headers["x-localedge-version"] == "only"
    assert method == "HEAD" or "error code: 1101" in answer.text
    assert (await shop.get("/runs")).text == "1"
    (counters,) = await runtime.counters()
    assert (counters.requests, counters.exceptions, counters.unanswered) == (2, 1, 0)
    assert counters.statuses == {500: 1, 200: 1}


async def test_so_is_one_that_a_service_binding_calls(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    binding = {"type": "service", "name": "OTHER", "service": "other"}
    await runtime.start_version(version("callee", LOSING, script="other"))
    await runtime.start_version(version("caller", CALLING, bindings=(binding,)))
    await runtime.set_splits({"other": {"callee": 100}, "shop": {"caller": 100}})
    caught = await shop.get("/?caught")
    assert (caught.status_code, caught.text) == (409, "Network connection lost.")
    uncaught = await shop.get("/")
    assert (uncaught.status_code, uncaught.headers["x-localedge-version"]) == (500, "caller")
    assert (await shop.get("/runs")).text == "2"
