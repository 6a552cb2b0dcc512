"""Workers with Durable Objects, and Workers that call others."""

from __future__ import annotations

COUNTER = """
import { DurableObject, RpcTarget } from "cloudflare:workers";

class Sum extends RpcTarget {
  add(a, b) { return a + b; }
}

export class Counter extends DurableObject {
  async fetch(request) {
    if (request.headers.get("upgrade") === "websocket") return this.#socket(new URL(request.url).pathname);
    return new Response(`${await this.increment()}`);
  }

  #socket(path) {
    const [client, server] = Object.values(new WebSocketPair());
    if (path === "/hibernating") {
      this.ctx.acceptWebSocket(server);
    } else {
      server.accept();
      server.addEventListener("message", ({ data }) => server.send(`plain ${data}`));
      server.addEventListener("close", ({ code }) => this.ctx.storage.put("closed", code));
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket, message) { socket.send(`hibernating ${message}`); }

  async webSocketClose(socket, code) {
    await this.ctx.storage.put("closed", code);
    socket.close(code, "bye");
  }

  async increment(by = 1) {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + by;
    await this.ctx.storage.put("count", count);
    return count;
  }

  // Which version runs this object.
  where() { return this.env.VERSION ?? this.env.META.id; }
  sum() { return new Sum(); }
  async call(callback) { return `called ${await callback(3)}`; }
  async text() { return new Response("streamed").body; }
  get kind() { return "counter"; }
  fail() { throw new RangeError("boom"); }
  closed() { return this.ctx.storage.get("closed"); }

  rows(name) {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS names (name TEXT)");
    this.ctx.storage.sql.exec("INSERT INTO names VALUES (?)", name);
    return this.ctx.storage.sql.exec("SELECT name FROM names").toArray().map((row) => row.name);
  }

  async tried() {
    await this.ctx.storage.put("tried", 1);
    await this.ctx.storage.transaction(async (inside) => {
      await inside.put("tried", 2);
      inside.rollback();
    });
    return this.ctx.storage.get("tried");
  }

  // What another object of the same class counts.
  async other(name) { return this.env.COUNTER.getByName(name).increment(0); }
  async alarmIn(ms) { await this.ctx.storage.setAlarm(Date.now() + ms); }
  async alarm() { await this.ctx.storage.put("alarms", (await this.alarms()) + 1); }
  async alarms() { return (await this.ctx.storage.get("alarms")) ?? 0; }
  async clear() { await this.ctx.storage.deleteAll(); }
}

const values = async (counter) => {
  using sum = await counter.sum();
  return {
    sum: await sum.add(1, 2),
    pipelined: await counter.sum().add(3, 4),
    callback: await counter.call((number) => number * 2),
    stream: await new Response(await counter.text()).text(),
    property: await counter.kind,
    error: await counter.fail().catch((error) => `${error.name}: ${error.message}`),
    tried: await counter.tried(),
    other: await counter.other("nobody"),
  };
};

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const name = url.searchParams.get("name") ?? "main";
    const counter = env.COUNTER.getByName(name);
    const method = url.searchParams.get("call");
    if (method === "values") return Response.json(await values(counter));
    if (method === null) return counter.fetch(request);
    const args = JSON.parse(url.searchParams.get("with") ?? "[]");
    return Response.json((await counter[method](...args)) ?? null);
  },
};
"""

CALLEE = """
import { WorkerEntrypoint } from "cloudflare:workers";

export default class extends WorkerEntrypoint {
  async fetch(request) {
    if (request.headers.get("upgrade") === "websocket") {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener("message", ({ data }) => server.send(`heard ${data}`));
      server.addEventListener("close", ({ code }) => server.close(code, "bye"));
      return new Response(null, { status: 101, webSocket: client });
    }
    if (new URL(request.url).pathname === "/throw") throw new TypeError("thrown in callee");
    const told = { version: this.env.META.id, body: await request.text(), url: request.url };
    return Response.json(told, { status: 203 });
  }

  add(a, b) { return a + b; }
  async call(callback) { return `called ${await callback(3)}`; }
  async text(stream) { return new Response(stream).text(); }
  version() { return this.env.META.id; }
  fail() { throw new RangeError("boom"); }
}

export class Named extends WorkerEntrypoint {
  fetch() { return new Response("named " + JSON.stringify(this.ctx.props)); }
  greet(name) { return `hello ${name}`; }
}
"""

CALLER = """
const values = async (env) => ({
  sum: await env.CALLEE.add(1, 2),
  callback: await env.CALLEE.call((number) => number * 2),
  stream: await env.CALLEE.text(new Response("streamed").body),
  error: await env.CALLEE.fail().catch((error) => `${error.name}: ${error.message}`),
  thrown: await env.CALLEE.fetch("http://callee/throw").catch((error) => error.message),
  named: await env.NAMED?.greet("you"),
  props: await (await env.NAMED?.fetch("http://named/"))?.text(),
});

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/values") return Response.json(await values(env));
    if (pathname === "/version") return new Response(await env.CALLEE.version());
    return env.CALLEE.fetch(request);
  },
};
"""
