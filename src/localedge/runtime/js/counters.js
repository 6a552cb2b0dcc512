// What the router counts, for each version. A version's counters outlive its place in a split.
import { env } from "cloudflare:workers";

const EDGES_MS = env.EDGES_MS;
const COUNTERS_MAX = 2000;

const all = new Map(); // "script version" -> its counters

class Counters {
  requests = 0;
  exceptions = 0;
  unanswered = 0;
  disconnects = 0;
  statuses = {};
  buckets = new Array(EDGES_MS.length + 1).fill(0);
  sumMs = 0;

  add(status, tookMs) {
    this.requests++;
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    this.sumMs += tookMs;
    let bucket = 0;
    while (bucket < EDGES_MS.length && tookMs > EDGES_MS[bucket]) bucket++;
    this.buckets[bucket]++;
  }
}

export function countersOf(script, id) {
  const key = `${script} ${id}`;
  let found = all.get(key);
  if (found === undefined) all.set(key, (found = new Counters()));
  return found;
}

// Those of versions that are in no split go first, the oldest of them first.
export function forgetOldest(inUse) {
  if (all.size <= COUNTERS_MAX) return;
  const used = inUse();
  for (const [key, value] of all) {
    if (all.size <= COUNTERS_MAX) return;
    if (!used.has(value)) all.delete(key);
  }
}

export function counted() {
  return Object.fromEntries(all);
}

// Calls by other Workers, which do not pass the router: [[script, version id, status or null, ms], ...]. Without a
// status it was an exception.
export function countCalls(calls) {
  for (const [script, id, status, tookMs] of calls) {
    const counters = countersOf(script, id);
    if (status === null) counters.exceptions++;
    counters.add(status ?? 500, tookMs);
  }
}
