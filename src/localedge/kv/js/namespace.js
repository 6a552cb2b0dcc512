// Miniflare's KV simulator, with operations on many keys that run inside the Durable Object: a key costs no
// request of its own. Values travel as base64.
import { KVNamespaceObject as Simulator } from "namespace.worker.js";
import { Buffer } from "node:buffer";

const AT_ONCE = 16;

export class KVNamespaceObject extends Simulator {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (request.method !== "POST" || !path.startsWith("/many/")) return super.fetch(request);
    const { cf } = request;
    const wanted = await request.json();
    await super.fetch(new Request("http://kv/?key_count_limit=1", { cf })); // tells the simulator its name
    switch (path) {
      case "/many/get":
        return Response.json(await this.getMany(wanted));
      case "/many/put":
        await forEach(wanted, (write) => this.putOne(write));
        return new Response();
      case "/many/delete":
        for (const key of wanted) await this.storage.delete(key);
        return new Response();
      case "/many/drop":
        this.storage.deleteAll();
        return new Response();
      default:
        return new Response(`no operation ${path}`, { status: 404 });
    }
  }

  async getMany(keys) {
    const found = {};
    await forEach(keys, async (key) => {
      const entry = await this.storage.get(key);
      if (entry === null) return;
      const value = Buffer.from(await new Response(entry.value).arrayBuffer()).toString("base64");
      const expiration = entry.expiration === undefined ? null : Math.floor(entry.expiration / 1000);
      found[key] = { value, expiration, metadata: entry.metadata ?? null };
    });
    return found;
  }

  putOne({ key, value, expiration, metadata }) {
    return this.storage.put({
      key,
      value: new Blob([Buffer.from(value, "base64")]).stream(),
      expiration: expiration === null ? undefined : expiration * 1000,
      metadata: metadata ?? undefined,
    });
  }
}

async function forEach(items, act) {
  let next = 0;
  const work = async () => {
    while (next < items.length) await act(items[next++]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
