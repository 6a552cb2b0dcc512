// Miniflare's D1 simulator, with what the edge needs beside queries: a file of statements in one transaction, an
// export, and a pause in which the control plane reads or replaces the database's file.
import { D1DatabaseObject as Simulator } from "database.worker.js";
import { dump } from "dump.js";

const HOLD_MS = 60_000;
const STATEMENT_BYTES_MAX = 100_000;
const PARAMETERS_MAX = 100;
const TABLES = `SELECT count(*) AS count FROM sqlite_master WHERE type = 'table'
  AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'`;

export class D1DatabaseObject extends Simulator {
  #running = new Set();
  #hold = null;
  #commits = 0;

  constructor(state, env) {
    super(state, env);
    // The simulator asks for a bookmark after every query, and workerd's own would write to the file each time.
    state.storage.getCurrentBookmark = async () => this.#sessionBookmark();
  }

  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/edge/hold") return this.#pause();
    if (path === "/edge/release") return this.#resume(await request.text());
    while (this.#hold !== null) await this.#hold.ended;
    const answering = this.#answer(request, path);
    this.#running.add(answering);
    try {
      return await answering;
    } finally {
      this.#running.delete(answering);
    }
  }

  async #answer(request, path) {
    switch (path) {
      case "/edge/ingest":
        return this.#told(await request.json(), (statements) => this.#ingest(statements));
      case "/edge/dump":
        return this.#told(await request.json(), (options) => [...dump(this.state.storage.sql, options)].join("\n"));
      case "/edge/facts":
        return this.#told(null, () => this.#facts());
      case "/edge/drop":
        await this.state.storage.deleteAll();
        return new Response();
      default:
        return this.#query(request);
    }
  }

  async #query(request) {
    const queries = [await request.clone().json()].flat();
    const error = queries.map(refusal).find((said) => said !== null);
    return error ? Response.json({ success: false, error }) : super.fetch(request);
  }

  #told(asked, act) {
    try {
      return Response.json({ success: true, result: act(asked) });
    } catch (error) {
      return Response.json({ success: false, error: error.message });
    }
  }

  #ingest(statements) {
    const began = performance.now();
    let [rows_read, rows_written] = [0, 0];
    const before = this.#changes();
    this.state.storage.transactionSync(() => {
      for (const sql of statements) {
        const said = refusal({ sql });
        if (said !== null) throw new Error(said);
        const cursor = this.state.storage.sql.exec(sql);
        for (const _ of cursor.raw());
        rows_read += cursor.rowsRead;
        rows_written += cursor.rowsWritten;
      }
    });
    const changes = this.#changes() - before;
    return { duration: performance.now() - began, rows_read, rows_written, changes, ...this.#facts() };
  }

  #changes() {
    return this.state.storage.sql.exec("SELECT total_changes() AS changes").one().changes;
  }

  #facts() {
    const { sql } = this.state.storage;
    return { num_tables: sql.exec(TABLES).one().count, file_size: sql.databaseSize };
  }

  // Answers when no query runs any more; later ones wait until the pause ends, which it does by itself in time.
  async #pause() {
    while (this.#hold !== null) await this.#hold.ended;
    const token = crypto.randomUUID();
    const { promise, resolve } = Promise.withResolvers();
    this.#hold = { token, ended: promise, end: resolve };
    setTimeout(() => this.#resume(token), HOLD_MS);
    await Promise.allSettled([...this.#running]);
    return new Response(token);
  }

  // Says whether the pause lasted until now.
  #resume(token) {
    const lasted = this.#hold?.token === token;
    if (lasted) {
      const { end } = this.#hold;
      this.#hold = null;
      end();
    }
    return Response.json({ lasted });
  }

  #sessionBookmark() {
    const parts = [0, ++this.#commits, Math.floor(Date.now() / 1000)];
    return `${parts.map((part) => part.toString(16).padStart(8, "0")).join("-")}-${"0".repeat(32)}`;
  }
}

function refusal({ sql, params }) {
  const bytes = new TextEncoder().encode(sql ?? "").length;
  if (bytes > STATEMENT_BYTES_MAX) return "statement too long: SQLITE_TOOBIG";
  return (params ?? []).length > PARAMETERS_MAX ? "too many SQL variables: SQLITE_ERROR" : null;
}
