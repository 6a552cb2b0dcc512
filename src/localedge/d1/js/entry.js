// What a D1 binding talks to, inside the version's process: plain requests, and the calls that bindings make with
// the compatibility flag d1_binding_jsrpc, which cannot leave the process.
import { WorkerEntrypoint } from "cloudflare:workers";

const BOOKMARK_HEADER = "x-cf-d1-session-commit-token";
const URL_RAW = "http://d1/query?resultsFormat=ROWS_AND_COLUMNS";

export default class Entry extends WorkerEntrypoint {
  fetch(request) {
    return this.env.DATABASE.fetch(request);
  }

  async query({ queries, bookmark }) {
    const headers = { "Content-Type": "application/json", ...(bookmark && { [BOOKMARK_HEADER]: bookmark }) };
    const answer = await this.fetch(new Request(URL_RAW, { method: "POST", headers, body: JSON.stringify(queries) }));
    const told = await answer.json();
    if (!Array.isArray(told)) throw Object.assign(new Error(told.error), { name: "D1_ERROR" });
    const results = told.map(({ meta, results }) => ({ meta, data: { kind: "raw", ...results } }));
    return { results, bookmark: answer.headers.get(BOOKMARK_HEADER) ?? undefined };
  }
}
