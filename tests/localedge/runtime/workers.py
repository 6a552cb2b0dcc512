"""Workers to run, and a hand to make versions of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localedge.runtime import Module, VersionSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localedge.runtime import ProcessStatus, Runtime

OWN = ("storage", "databases", "router")
"""Processes that every runtime has."""

HELLO = """
export default {
  fetch(request, env) { return new Response("hello from " + env.VERSION); },
};
"""

EVERYTHING = """
const encoder = new TextEncoder();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function drip(writer, lines) {
  for (let line = 0; line < lines; line++) {
    await writer.write(encoder.encode(`line ${line}\\n`));
    await sleep(50);
  }
  await writer.close();
}

export default {
  async fetch(request, env, context) {
    const url = new URL(request.url);
    const number = Number(url.searchParams.get("n"));
    switch (url.pathname) {
      case "/throw": console.log("about to throw", { n: number }); throw new TypeError("boom");
      case "/500": return new Response(null, { status: 500 });
      case "/status": return new Response("as asked", { status: number });
      case "/sleep": await sleep(number); return new Response("slept in " + env.VERSION);
      case "/echo": return new Response(request.body, { headers: { "x-method": request.method } });
      case "/env": return Response.json(env);
      case "/put":
        await env.KV.put("from-worker", "worker's", { metadata: { by: "worker" } });
        return new Response();
      case "/later":
        context.waitUntil(sleep(number).then(() => env.KV.put("later", "done")));
        return new Response();
      case "/elsewhere": return Response.redirect("http://elsewhere.localhost/", 302);
      case "/packed": {
        const body = new Response("unpacked").body.pipeThrough(new CompressionStream("gzip"));
        const headers = [["content-encoding", "gzip"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]];
        return new Response(body, { headers, encodeBody: "manual" });
      }
      case "/get": return new Response(await env.KV.get(url.searchParams.get("key")));
      case "/drip": {
        const { readable, writable } = new TransformStream();
        context.waitUntil(drip(writable.getWriter(), number));
        return new Response(readable);
      }
      case "/socket": {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("message", (event) => server.send(env.VERSION + " heard " + event.data));
        server.addEventListener("close", () => server.close());
        return new Response(null, { status: 101, webSocket: client });
      }
      default: return new Response("hello from " + env.VERSION);
    }
  },
};
"""

NAMESPACE = "0123456789abcdef0123456789abcdef"
KV = {"type": "kv_namespace", "name": "KV", "namespace_id": NAMESPACE}


def version(
    version_id: str, code: str = HELLO, *, script: str = "shop", bindings: tuple[Mapping[str, Any], ...] = ()
) -> VersionSpec:
    """A version of one module, told its own id as `env.VERSION`."""
    return VersionSpec(
        script=script,
        version_id=version_id,
        main_module="index.js",
        modules=(Module("index.js", "application/javascript+module", code.encode()),),
        compatibility_date="2026-01-01",
        compatibility_flags=(),
        bindings=({"type": "plain_text", "name": "VERSION", "text": version_id}, *bindings),
        tag="a tag",
        created_on="2026-11-01T12:00:00Z",
    )


def versions_of(runtime: Runtime) -> list[ProcessStatus]:
    """The processes of versions."""
    return [process for process in runtime.processes() if process.name not in OWN]
