// Miniflare's KV simulator, with operations on many keys that run inside the Durable Object: a key costs no
// request of its own, and a batch costs one transaction. Values travel as base64.
import { KVNamespaceObject as Simulator } from "namespace.worker.js";
import { Buffer } from "node:buffer";
import { SMALL_BYTES, Values } from "values.js";

const AT_ONCE = 16;
const DROPPED_AT_ONCE = 1000;

const REPLACED = "SELECT blob_id FROM _mf_entries WHERE key IN (SELECT value FROM json_each(?))";
const WRITE = "INSERT OR REPLACE INTO _mf_entries (key, blob_id, expiration, metadata) VALUES (?, ?, ?, ?)";
const INDEX = "CREATE INDEX IF NOT EXISTS localedge_expiration ON _mf_entries (expiration)";
const DELETE = "DELETE FROM _mf_entries WHERE key IN (SELECT value FROM json_each(?)) RETURNING blob_id";
const DROP = "DELETE FROM _mf_entries WHERE key IN (SELECT key FROM _mf_entries LIMIT ?) RETURNING blob_id";

export class KVNamespaceObject extends Simulator {
  #values;
  #storage;

  // The simulator's store of values, with ours around it.
  get blob() {
    return (this.#values ??= new Values(super.blob, this.db));
  }

  // Every list looks for what has expired: among a million keys that takes an index.
  get storage() {
    if (this.#storage === undefined) {
      this.#storage = super.storage;
      this.db.exec(INDEX);
    }
    return this.#storage;
  }

  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (request.method !== "POST" || !path.startsWith("/many/")) return super.fetch(request);
    const { cf } = request;
    const wanted = await request.json();
    await super.fetch(new Request("http://kv/-", { cf })); // tells the simulator its name
    switch (path) {
      case "/many/get":
        return Response.json(await this.getMany(wanted));
      case "/many/put":
        await this.putMany(wanted);
        return new Response();
      case "/many/delete":
        await this.remove(DELETE, JSON.stringify(wanted));
        return new Response();
      case "/many/drop":
        while ((await this.remove(DROP, DROPPED_AT_ONCE)) > 0);
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

  // The large values first, then all the rest at once: a batch that breaks off leaves files that nobody names.
  async putMany(writes) {
    const last = new Map(writes.map((write) => [write.key, write]));
    const rows = [...last.values()].map((write) => ({ ...write, bytes: Buffer.from(write.value, "base64") }));
    const large = rows.filter(({ bytes }) => bytes.byteLength > SMALL_BYTES);
    await forEach(large, async (row) => {
      row.blob = await this.blob.put(new Blob([row.bytes]).stream());
    });
    const replaced = this.state.storage.transactionSync(() => {
      const before = this.#ids(REPLACED, JSON.stringify([...last.keys()]));
      for (const { key, blob, bytes, expiration, metadata } of rows) {
        const id = blob ?? this.blob.putSmall(bytes);
        const expires = expiration === null ? null : expiration * 1000;
        this.db.exec(WRITE, key, id, expires, metadata === null ? null : JSON.stringify(metadata));
      }
      this.blob.deleteSmall(before);
      return before;
    });
    await this.#forgetFiles(replaced);
  }

  // Deletes rows with their values; how many they were.
  async remove(sql, ...given) {
    const gone = this.state.storage.transactionSync(() => {
      const ids = this.#ids(sql, ...given);
      this.blob.deleteSmall(ids);
      return ids;
    });
    await this.#forgetFiles(gone);
    return gone.length;
  }

  #ids(sql, ...given) {
    return [...this.db.exec(sql, ...given)].map((row) => row.blob_id);
  }

  #forgetFiles(ids) {
    return forEach(this.blob.inFiles(ids), (id) => this.blob.delete(id));
  }
}

async function forEach(items, act) {
  let next = 0;
  const work = async () => {
    while (next < items.length) await act(items[next++]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
