"""What a Worker finds in its `env`, and modules other than JavaScript."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localedge.runtime import Module, StartupFailed, UnsupportedBinding
from tests.localedge.runtime.visitors import until
from tests.localedge.runtime.workers import EVERYTHING, version

if TYPE_CHECKING:
    import httpx2

    from localedge.runtime import Runtime

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

ODD_TEXT = 'é "quoted" \\ back\\n\n\ttab \x7f end'


async def test_texts_secrets_json_and_metadata(
    runtime: Runtime, shop: httpx2.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = version(
        "only",
        EVERYTHING,
        bindings=(
            {"type": "plain_text", "name": "ODD", "text": ODD_TEXT},
            {"type": "secret_text", "name": "SECRET", "text": "s3cr3t-value"},
            {"type": "json", "name": "SETTINGS", "json": {"list": [1, 2.5, None, True], "é": "ü"}},
            {"type": "version_metadata", "name": "META"},
        ),
    )
    await runtime.start_version(spec)
    await runtime.set_splits({"shop": {"only": 100}})
    assert (await shop.get("/env")).json() == {
        "VERSION": "only",
        "ODD": ODD_TEXT,
        "SECRET": "s3cr3t-value",
        "SETTINGS": {"list": [1, 2.5, None, True], "é": "ü"},
        "META": {"id": "only", "tag": "a tag", "timestamp": "2026-11-01T12:00:00Z"},
    }
    with_secret = _files_with(tmp_path, b"s3cr3t-value")
    assert all(path.stat().st_mode & 0o077 == 0 for path in with_secret)
    await runtime.set_splits({"shop": {}})
    monkeypatch.setattr("localedge.runtime.fading.LINGER_SECONDS", 0.0)
    await runtime.retire_version("only")
    await until(lambda: not any(path.exists() for path in with_secret))


def _files_with(folder: Path, words: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]


@pytest.mark.parametrize("binding_type", ["analytics_engine", "vectorize", "hyperdrive"])
async def test_an_unsupported_binding_is_named(runtime: Runtime, binding_type: str) -> None:
    spec = version("only", bindings=({"type": binding_type, "name": "THING"},))
    with pytest.raises(UnsupportedBinding, match=rf"(?=.*'THING').*'{binding_type}'"):
        await runtime.start_version(spec)
    assert len(runtime.processes()) == 3


async def test_modules_of_all_types(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    main = """
import { name } from "./lib/name.mjs";
import text from "./note.txt";
import data from "./bytes.bin";
import settings from "./settings.json";
import wasm from "./empty.wasm";
import old from "./old.cjs";
export default { fetch() {
  const bytes = [...new Uint8Array(data)];
  return Response.json([name, text, bytes, settings, wasm instanceof WebAssembly.Module, old.name]);
} };
"""
    modules = (
        Module("note.txt", "text/plain", "nöte".encode()),
        Module("lib/name.mjs", "application/javascript+module", b'export const name = "lib";'),
        Module("index.js", "application/javascript+module", main.encode()),
        Module("bytes.bin", "application/octet-stream", bytes([0, 255, 10])),
        Module("settings.json", "application/json", b'{"a": [1]}'),
        Module("empty.wasm", "application/wasm", b"\0asm\1\0\0\0"),
        Module("old.cjs", "application/javascript", b'exports.name = "old";'),
        Module("index.js.map", "application/source-map", b"{}"),
    )
    await runtime.start_version(dataclasses.replace(version("only"), modules=modules))
    await runtime.set_splits({"shop": {"only": 100}})
    assert (await shop.get("/")).json() == ["lib", "nöte", [0, 255, 10], {"a": [1]}, True, "old"]


async def test_node_modules_of_the_platform(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    code = """
import { Buffer } from "node:buffer";
export default { fetch() { return new Response(Buffer.from("aGk=", "base64").toString()); } };
"""
    await runtime.start_version(
        dataclasses.replace(version("only", code), compatibility_flags=("nodejs_compat",))
    )
    await runtime.set_splits({"shop": {"only": 100}})
    assert (await shop.get("/")).text == "hi"


async def test_the_cache_is_there_and_always_empty(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    code = """
export default { async fetch(request) {
  await caches.default.put(request.url, new Response("kept", { headers: { "cache-control": "max-age=60" } }));
  const found = await caches.default.match(request.url);
  return Response.json([found ?? null, await caches.default.delete(request.url)]);
} };
"""
    await runtime.start_version(version("only", code))
    await runtime.set_splits({"shop": {"only": 100}})
    assert (await shop.get("/")).json() == [None, False]


async def test_a_worker_reaches_servers_of_this_machine(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    code = "export default { fetch(request, env) { return fetch(env.SERVER); } };"
    server = {"type": "plain_text", "name": "SERVER", "text": runtime.traffic_url}
    await runtime.start_version(version("only", code, bindings=(server,)))
    await runtime.set_splits({"shop": {"only": 100}})
    assert "No Worker serves the host" in (await shop.get("/")).text


async def test_a_service_worker(runtime: Runtime, shop: httpx2.AsyncClient) -> None:
    code = b'addEventListener("fetch", (event) => event.respondWith(new Response("old style " + VERSION)));'
    modules = (Module("index.js", "application/javascript", code),)
    await runtime.start_version(dataclasses.replace(version("only"), modules=modules))
    await runtime.set_splits({"shop": {"only": 100}})
    assert (await shop.get("/")).text == "old style only"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("export default {\n  fetch( { return 1 }\n};", ["SyntaxError", "index.js:2"]),
        ("const a = 1;\nthrow new Error('no settings');", ["Uncaught Error: no settings", "index.js:2"]),
        ("import x from './missing.js';\nexport default {};", ['No such module "missing.js"']),
        ("await fetch('http://localhost/'); export default {};", ["global scope", "index.js:1"]),
    ],
)
async def test_a_script_that_does_not_start_says_why(
    runtime: Runtime, tmp_path: Path, code: str, said: list[str]
) -> None:
    with pytest.raises(StartupFailed) as failure:
        await runtime.start_version(version("bad", code))
    assert all(words in failure.value.log for words in said)
    assert str(tmp_path) not in failure.value.log
    assert "service" not in failure.value.log
    assert len(runtime.processes()) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="the processor time of others is told by Linux")
async def test_a_script_that_computes_too_long_at_its_start_is_refused(runtime: Runtime) -> None:
    began = time.monotonic()
    with pytest.raises(StartupFailed, match=r"Script startup exceeded CPU time limit\."):
        await runtime.start_version(version("bad", "while (true) {}"))
    assert time.monotonic() - began < 28, "the wall clock's bound ended it"
    assert len(_children()) == 3


async def test_a_script_that_never_ends_starting_is_given_up(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localedge.runtime.version.STARTUP_SECONDS", 0.5)
    monkeypatch.setattr("localedge.runtime.version.STARTUP_CPU_SECONDS", None)
    with pytest.raises(StartupFailed, match="had not started after"):
        await runtime.start_version(version("bad", "while (true) {}"))
    assert len(_children()) == 3


async def test_a_start_that_is_cancelled_leaves_nothing(runtime: Runtime) -> None:
    starting = asyncio.create_task(runtime.start_version(version("bad", "while (true) {}")))
    await asyncio.sleep(0.3)
    assert len(_children()) == 4
    starting.cancel()
    await asyncio.wait({starting})
    assert len(_children()) == 3


def _children() -> list[str]:
    """The processes that this one has started."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


async def test_a_wrong_compatibility_date_or_flag_says_so(runtime: Runtime) -> None:
    for wrong in ({"compatibility_date": "2099-01-01"}, {"compatibility_flags": ("no_such_flag",)}):
        with pytest.raises(StartupFailed, match=r"2099-01-01|no_such_flag"):
            await runtime.start_version(dataclasses.replace(version("bad"), **wrong))


async def test_a_module_of_an_unknown_type_and_a_missing_main_module_say_so(runtime: Runtime) -> None:
    python = dataclasses.replace(
        version("bad"), modules=(*version("x").modules, Module("a.py", "text/x-python", b""))
    )
    with pytest.raises(StartupFailed, match="text/x-python"):
        await runtime.start_version(python)
    with pytest.raises(StartupFailed, match=r"main module.*index\.js"):
        await runtime.start_version(dataclasses.replace(version("bad"), main_module="gone.js"))
