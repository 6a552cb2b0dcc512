// Miniflare's R2 simulator, with what the control plane asks of a whole bucket, and without silence about what
// the simulator would leave out: an object that is to be encrypted with the client's key is refused.
import { R2BucketObject as Simulator } from "bucket.worker.js";

const METADATA_SIZE = "cf-r2-metadata-size";
const CHUNK_BYTES = 64 * 1024;
const DELETED_AT_ONCE = 1000;

export class R2BucketObject extends Simulator {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") return this.#whole(pathname, request);
    if (request.method === "GET") {
      if (encrypted(request.headers.get("cf-r2-request"))) return refused();
      return super.fetch(request);
    }
    return this.#put(request);
  }

  async #put(request) {
    const size = Number(request.headers.get(METADATA_SIZE));
    const reader = request.body.getReader({ mode: "byob" });
    const { value: metadata } = await reader.readAtLeast(size, new Uint8Array(size));
    const read = () => reader.read(new Uint8Array(CHUNK_BYTES));
    if (encrypted(new TextDecoder().decode(metadata))) {
      while (!(await read()).done); // a request that is left unread costs its connection
      return refused();
    }
    const { headers, cf } = request;
    const body = new ReadableStream({
      type: "bytes",
      start: (controller) => controller.enqueue(metadata),
      pull: async (controller) => {
        const { value, done } = await read();
        if (!done) return controller.enqueue(value);
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
    return super.fetch(new Request("http://r2/", { method: "PUT", headers, body, cf }));
  }

  async #whole(pathname, request) {
    const { cf } = request;
    await super.fetch(new Request("http://r2/", { headers: { "cf-r2-request": LISTS_ONE }, cf })); // tells its name
    switch (pathname) {
      case "/usage":
        return Response.json(this.#usage());
      case "/expire":
        return Response.json(await this.#expire(await request.json(), cf));
      default:
        return new Response(`no operation ${pathname}`, { status: 404 });
    }
  }

  #usage() {
    const sql = "SELECT COUNT(*) AS objects, COALESCE(SUM(size), 0) AS bytes FROM _mf_objects";
    return this.db.exec(sql).one();
  }

  // Deletes the objects under a prefix that were there before a time in ms, as many as are deleted at once.
  async #expire({ prefix, before }, cf) {
    const sql = "SELECT key FROM _mf_objects WHERE substr(key, 1, length(?1)) = ?1 AND uploaded < ?2 LIMIT ?3";
    const objects = [...this.db.exec(sql, prefix, before, DELETED_AT_ONCE)].map(({ key }) => key);
    if (objects.length === 0) return { deleted: 0 };
    const body = new TextEncoder().encode(JSON.stringify({ version: 1, method: "delete", objects }));
    const headers = { [METADATA_SIZE]: `${body.byteLength}` };
    await super.fetch(new Request("http://r2/", { method: "PUT", body, headers, cf }));
    return { deleted: objects.length };
  }
}

const LISTS_ONE = JSON.stringify({ version: 1, method: "list", limit: 1 });

function encrypted(metadata) {
  return metadata !== null && metadata.includes('"ssec"') && JSON.parse(metadata).ssec !== undefined;
}

function refused() {
  const message = "ssecKey: the platform encrypts with the client's key, the local edge does not (yet)";
  const error = JSON.stringify({ version: 1, v4code: 10501, message });
  return new Response(null, { status: 501, headers: { "cf-r2-error": error } });
}
