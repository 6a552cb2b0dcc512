"""Workers answer on routes, custom domains and preview addresses; versions wake for a preview and sleep."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest

from localedge.runtime import AddressTable
from tests.localedge.runtime.visitors import until
from tests.localedge.runtime.workers import EVERYTHING, version, versions_of

if TYPE_CHECKING:
    import httpx2

    from localedge.runtime import Runtime, VersionSpec

pytestmark = pytest.mark.anyio

VERSION = "x-localedge-version"
SPECS = {f"{name}-shop": version(name) for name in ("first", "second", "third")}


@pytest.fixture
def sleepy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions that fall asleep soon; this has to be asked for before the runtime is."""
    monkeypatch.setattr("localedge.runtime.previews.AWAKE_SECONDS", 0.5)
    monkeypatch.setattr("localedge.runtime.previews.LOOK_EVERY_SECONDS", 0.1)
    monkeypatch.setattr("localedge.runtime.fading.LINGER_SECONDS", 0.0)


async def serve(runtime: Runtime, version_id: str, script: str) -> None:
    await runtime.start_version(version(version_id, script=script))
    await runtime.set_splits({script: {version_id: 100}})


def names(runtime: Runtime, state: str = "running") -> list[str]:
    return [process.name for process in versions_of(runtime) if process.state == state]


@pytest.mark.parametrize(
    ("host", "path", "forwarded", "expected"),
    [
        ("example.com", "/", "", 200),
        ("EXAMPLE.com:8080", "/?a=1", "", 404),
        ("www.example.com", "/deep/path?a=1", "", 200),
        ("www.example.com", "/off", "", 404),
        ("domain.test", "/any/path", "", 200),
        ("other.domain.test", "/", "", 404),
        ("secure.test", "/", "", 200),
        ("secure.test", "/", "http", 404),
    ],
)
async def test_routes_and_custom_domains(
    runtime: Runtime, shop: httpx2.AsyncClient, host: str, path: str, forwarded: str, expected: int
) -> None:
    await serve(runtime, "only", "shop")
    routes = (
        (r"^https?:\/\/example\.com\/$", "shop"),
        (r"^https?:\/\/www\.example\.com\/off$", None),
        (r"^https?:\/\/www\.example\.com\/.*$", "shop"),
        (r"^https:\/\/secure\.test\/.*$", "shop"),
    )
    await runtime.set_addresses(AddressTable(routes=routes, domains={"domain.test": "shop"}))
    headers = {"host": host} | ({"x-forwarded-proto": forwarded} if forwarded else {})
    answer = await shop.get(path, headers=headers)
    assert answer.status_code == expected, answer.text
    assert (VERSION in answer.headers) is (expected == 200)


async def test_a_host_that_nothing_serves_is_told_why(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    await serve(runtime, "only", "shop")
    await runtime.set_addresses(AddressTable(domains={"gone.test": "gone"}, off=("shop",)))
    told = {
        "gone.test": 'leads to the Worker "gone", which is not deployed',
        "nobody.test": "there is no origin behind the local edge",
        "shop.localhost": "its workers.dev address is switched off.\nerror code: 1042",
        "none.localhost": 'no Worker named "none" is deployed here',
    }
    for host, text in told.items():
        answer = await shop.get("/", headers={"host": host})
        assert answer.status_code == 404
        assert text in answer.text


async def test_addresses_outlive_the_routers_process(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    await serve(runtime, "only", "shop")
    await runtime.set_addresses(AddressTable(domains={"domain.test": "shop"}))
    runtime.answer_previews(SPECS.get)
    await visit(shop, "first-shop")
    await kill(runtime, "router")
    assert (await shop.get("/", headers={"host": "domain.test"})).headers[VERSION] == "only"
    assert await visit(shop, "first-shop") == "first"


async def test_a_version_wakes_for_its_preview_and_is_counted(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    runtime.answer_previews(SPECS.get)
    assert names(runtime) == []
    answers = await asyncio.gather(*(visit(shop, "first-shop") for _ in range(5)))
    assert answers == ["first"] * 5
    assert names(runtime) == ["version-first"]
    assert (await shop.get("/", headers={"host": "none-shop.localhost"})).status_code == 404
    [counters] = await runtime.counters()
    assert (counters.script, counters.version_id, counters.requests) == ("shop", "first", 5)


@pytest.mark.usefixtures("sleepy")
async def test_a_quiet_version_sleeps_and_wakes_again(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    runtime.answer_previews(SPECS.get)
    await visit(shop, "first-shop")
    await until(lambda: versions_of(runtime) == [])
    assert await visit(shop, "first-shop") == "first"


async def test_one_too_many_puts_the_quietest_to_sleep(
    runtime: Runtime, shop: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localedge.runtime.previews.AWAKE_MAX", 2)
    runtime.answer_previews(SPECS.get)
    for label in SPECS:
        await visit(shop, label)
    await until(lambda: names(runtime) == ["version-second", "version-third"])
    assert await visit(shop, "first-shop") == "first"


@pytest.mark.usefixtures("sleepy")
async def test_a_version_that_was_started_does_not_sleep(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    runtime.answer_previews(SPECS.get)
    await visit(shop, "first-shop")
    await visit(shop, "third-shop")
    await serve(runtime, "first", "shop")
    await runtime.start_version(SPECS["second-shop"])
    await visit(shop, "second-shop")
    await until(lambda: "version-third" not in names(runtime))
    assert names(runtime) == ["version-first", "version-second"]
    await runtime.retire_version("second")
    assert names(runtime) == ["version-first"]
    assert await visit(shop, "second-shop") == "second"


async def test_a_preview_that_leads_elsewhere_is_looked_up_again(
    runtime: Runtime, shop: httpx2.AsyncClient
) -> None:
    leads: dict[str, VersionSpec] = {"beta-shop": version("old")}
    runtime.answer_previews(leads.get)
    assert await visit(shop, "beta-shop") == "old"
    leads["beta-shop"] = version("new")
    await runtime.forget_previews("shop")
    assert await visit(shop, "beta-shop") == "new"
    del leads["beta-shop"]
    await runtime.forget_previews("shop")
    assert (await shop.get("/", headers={"host": "beta-shop.localhost"})).status_code == 404


async def test_a_preview_that_does_not_start_is_told(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    broken = version("broken", "throw new Error('out of order'); export default {}")
    runtime.answer_previews({"broken-shop": broken}.get)
    answer = await shop.get("/", headers={"host": "broken-shop.localhost"})
    assert answer.status_code == 503
    assert "out of order" in answer.text


async def test_a_preview_takes_bodies_too(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    runtime.answer_previews({"all-shop": version("all", EVERYTHING)}.get)
    answer = await shop.post("/echo", content=b"a body", headers={"host": "all-shop.localhost"})
    assert (answer.text, answer.headers["x-method"]) == ("a body", "POST")


async def test_a_worker_is_told_of_its_visitor(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    teller = """export default { fetch(request) {
        const { cf, headers } = request;
        const seen = [headers.get("cf-connecting-ip"), headers.has("x-localedge-cf")];
        return Response.json([cf.colo, cf.country, ...seen]);
    } };"""
    await runtime.start_version(version("teller", teller))
    await runtime.set_splits({"shop": {"teller": 100}})
    forged = {"cf-connecting-ip": "192.0.2.1", "x-localedge-cf": '{"colo": "XXX"}'}
    for answer in (await shop.get("/", headers=forged), await shop.post("/", content=b"a", headers=forged)):
        assert answer.json() == ["LCL", "XX", "127.0.0.1", False]


async def visit(shop: httpx2.AsyncClient, label: str) -> str:
    """The version that answers at a preview address."""
    answer = await shop.get("/", headers={"host": f"{label}.localhost"})
    assert answer.status_code == 200, answer.text
    return str(answer.headers[VERSION])


async def kill(runtime: Runtime, name: str) -> None:
    """End a process as a crash would, and wait until another is up."""
    [before] = [process.pid for process in runtime.processes() if process.name == name]
    assert before is not None
    os.kill(before, signal.SIGKILL)
    await until(lambda: any(p.name == name and p.pid not in (None, before) for p in runtime.processes()))
