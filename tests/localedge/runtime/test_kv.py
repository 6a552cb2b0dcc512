"""KV, from a Worker and from the control plane."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from localedge.kv.store import KvStore, KvValue, KvWrite
from localedge.products import PRODUCTS
from localedge.runtime import Runtime
from localedge.runtime.door import StorageRefused
from tests.localedge.runtime.workers import EVERYTHING, KV, NAMESPACE, version

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

ODD_KEYS = ["a/b", "with space", "é😀", "?q=1&r", "%2F", "#x", "a" * 512, "many", "-"]


async def test_a_worker_and_the_control_plane_see_the_same_data(
    runtime: Runtime, kv: KvStore, shop: httpx2.AsyncClient
) -> None:
    await runtime.start_version(version("only", EVERYTHING, bindings=(KV,)))
    await runtime.set_splits({"shop": {"only": 100}})
    await shop.get("/put")
    assert await kv.get(NAMESPACE, "from-worker") == KvValue(b"worker's", {"by": "worker"})
    await kv.put(NAMESPACE, "mine", b"control plane's")
    assert (await shop.get("/get?key=mine")).text == "control plane's"
    await kv.delete(NAMESPACE, "mine")
    assert (await shop.get("/get?key=mine")).text == ""


async def test_values_metadata_and_expiration(runtime: Runtime, kv: KvStore) -> None:
    soon = int(time.time()) + 100
    await kv.put("ns", "key", bytes(range(256)), expiration=soon, metadata={"é": [1]})
    assert await kv.get("ns", "key") == KvValue(bytes(range(256)), {"é": [1]}, soon)
    assert (await kv.list("ns")).keys == [{"name": "key", "expiration": soon, "metadata": {"é": [1]}}]
    assert await kv.get("ns", "other") is None
    assert await kv.get("other", "key") is None


@pytest.mark.parametrize("key", ODD_KEYS)
async def test_odd_keys(runtime: Runtime, kv: KvStore, key: str) -> None:
    await kv.put("ns", key, b"one")
    await kv.bulk_put("ns", [KvWrite(key + "2" if len(key) < 512 else "2", b"two", None, {"m": key})])
    assert await kv.get("ns", key) == KvValue(b"one")
    assert (await kv.list("ns", prefix=key)).keys[0] == {"name": key}
    await kv.delete("ns", key)
    assert await kv.get("ns", key) is None


async def test_listing_by_pages(runtime: Runtime, kv: KvStore) -> None:
    await kv.bulk_put("ns", [KvWrite(f"p:{number:04}", b"x") for number in range(250)])
    await kv.put("ns", "other", b"x")
    names: list[str] = []
    cursor = ""
    for _ in range(3):
        page = await kv.list("ns", prefix="p:", limit=100, cursor=cursor)
        names += [key["name"] for key in page.keys]
        cursor = page.cursor
    assert cursor == ""
    assert names == [f"p:{number:04}" for number in range(250)]


async def test_many_at_once(runtime: Runtime, kv: KvStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localedge.kv.store.MANY_KEYS_MAX", 60)
    writes = [KvWrite(f"k{number}", b"v%d" % number, None, {"n": number}) for number in range(150)]
    await kv.bulk_put("ns", writes)
    found = await kv.bulk_get("ns", ["k3", "k149", "none"])
    assert found == {"k3": KvValue(b"v3", {"n": 3}), "k149": KvValue(b"v149", {"n": 149}), "none": None}
    await kv.bulk_delete("ns", [write.key for write in writes[:-1]] + ["none"])
    assert [key["name"] for key in (await kv.list("ns")).keys] == ["k149"]
    await kv.drop("ns")
    assert (await kv.list("ns")).keys == []


async def test_large_values(runtime: Runtime, kv: KvStore) -> None:
    large = b"0123456789" * 1_000_000
    await kv.put("ns", "one", large)
    await kv.bulk_put("ns", [KvWrite("two", large), KvWrite("three", large)])
    assert [
        (await kv.bulk_get("ns", ["two"]))["two"],
        await kv.get("ns", "one"),
    ] == [KvValue(large)] * 2


async def test_what_the_store_refuses(runtime: Runtime, kv: KvStore) -> None:
    with pytest.raises(StorageRefused, match="512") as refused:
        await kv.put("ns", "k" * 513, b"")
    assert refused.value.status == 414
    with pytest.raises(StorageRefused, match="expiration"):
        await kv.put("ns", "k", b"", expiration=1)
    with pytest.raises(StorageRefused, match="exceeds limit"):
        await kv.put("ns", "k", bytes(26 * 1024 * 1024))


async def test_data_outlives_the_runtime(tmp_path: Path, anyio_backend: str) -> None:
    for expected in (None, KvValue(b"kept", {"by": "me"})):
        runtime = Runtime(tmp_path, PRODUCTS)
        await runtime.start()
        try:
            kv = KvStore(runtime.storage)
            assert await kv.get("ns", "key") == expected
            await kv.put("ns", "key", b"kept", metadata={"by": "me"})
        finally:
            await runtime.stop()
