// The router: sends each request to one version of the Worker that its host names, and counts.
//
// It looks nothing up and builds nothing for a request that it can have ready: an answer is passed on as it came.
// The version's process puts x-localedge-version on every answer that its Worker gave; workerd's own answer to
// an uncaught exception does not carry it, which is how the two are told apart.
import { WorkerEntrypoint, env } from "cloudflare:workers";
import { addPreview, forgetPreviews, isOff, previewAt, previewed, scriptAt, useAddresses } from "addresses.js";
import { chosen } from "choice.js";
import { countCalls, counted, countersOf, forgetOldest } from "counters.js";
import { hasEnded } from "process.js";
import { relayed } from "sockets.js";

const VERSION_HEADER = "x-localedge-version";
const REPEATS = 3;

const inflight = []; // slot -> requests that its process has not answered yet
const routes = new Map(); // script -> its versions

function versionOf(script, id, slot, percentage) {
  inflight[slot] ??= 0;
  return {
    script,
    id,
    slot,
    percentage,
    service: env[`SLOT_${slot}`],
    reader: env[`READER_${slot}`],
    counters: countersOf(script, id),
  };
}

// splits: {script: [[version id, slot, percentage], ...]}; other scripts stay as they are
function useSplits(splits) {
  for (const [script, versions] of Object.entries(splits)) {
    if (versions.length === 0) routes.delete(script);
    else {
      routes.set(
        script,
        versions.map(([id, slot, percentage]) => versionOf(script, id, slot, percentage)),
      );
    }
  }
  forgetOldest(countersInUse);
}

function countersInUse() {
  const used = new Set();
  for (const versions of routes.values()) for (const version of versions) used.add(version.counters);
  for (const version of previewed()) used.add(version.counters);
  return used;
}

useSplits(env.SPLITS);

const LOCAL = ".localhost";

// "shop.localhost:8787" -> "shop"; undefined for a host that is no Worker's own
function scriptOf(host) {
  const end = host.indexOf(".");
  const rest = host.length - end - LOCAL.length;
  if (end === -1 || (rest !== 0 && host[end + LOCAL.length] !== ":")) return;
  if (host.slice(end, end + LOCAL.length).toLowerCase() === LOCAL) return host.slice(0, end).toLowerCase();
}

// The connection broke off. A GET, HEAD or OPTIONS without a body is sent again if the version's process has ended.
// The next connection waits until that process is there again, so no pause is needed in between.
async function answeredAtLast(version, request, tookMs) {
  const { url, method, headers } = request;
  const repeats = isRepeatable(request) ? REPEATS : 0;
  for (let attempt = 0; await hasEnded(`v${version.slot}`, tookMs); attempt++) {
    if (attempt === repeats) return;
    const started = performance.now();
    try {
      return await version.service.fetch(url, { method, headers, redirect: "manual" });
    } catch {
      tookMs = performance.now() - started;
    }
  }
  return new Response(null, { status: 500 }); // its Worker threw: an answer that is not the version's
}

function isRepeatable(request) {
  const { method } = request;
  return (method === "GET" || method === "HEAD" || method === "OPTIONS") && !hasBody(request);
}

// Requests with a body go to the version's reader (reader.js), as the Worker may leave the body unread.
function hasBody({ headers, body }) {
  return body !== null && headers.get("content-length") !== "0";
}

// "OPTIONS *" is about the server, has none, and is sent to no Worker.
function hasPath({ url }) {
  return url.indexOf("/", url.indexOf("//") + 2) !== -1;
}

function threw(version) {
  return new Response("Worker threw exception\nerror code: 1101\n", {
    status: 500,
    headers: { [VERSION_HEADER]: version.id },
  });
}

function plain(status, text) {
  return new Response(text + "\n", { status });
}

// One async function for what comes with every request: each more costs some percent of the throughput.
async function forward(version, request) {
  const started = performance.now();
  inflight[version.slot]++;
  try {
    let response;
    try {
      response = await (hasBody(request) ? version.reader : version.service).fetch(request);
    } catch {
      if (request.signal.aborted) return left(version);
      if (!hasPath(request)) return plain(400, "A Worker is asked for a path, such as /; this request names none.");
      response = await answeredAtLast(version, request, performance.now() - started);
    }
    return passedOn(version, response, performance.now() - started);
  } finally {
    inflight[version.slot]--;
  }
}

// The client has left before the answer, and takes none.
function left({ counters }) {
  counters.disconnects++;
  return new Response(null, { status: 499 });
}

function passedOn(version, response, tookMs) {
  const { counters } = version;
  if (response === undefined) {
    counters.unanswered++;
    return plain(502, "The Worker's process broke off the connection, and the request cannot be repeated.");
  }
  if (response.headers.has(VERSION_HEADER)) {
    counters.add(response.status, tookMs);
    return response.status === 101 ? relayed(response) : response;
  }
  counters.exceptions++;
  counters.add(500, tookMs);
  return threw(version);
}

// A host that is no Worker's own: a route's, a custom domain's, or the preview of one version.
async function forwardElsewhere(host, script, request) {
  const owner = scriptAt(host, request);
  if (owner !== undefined) {
    const versions = routes.get(owner);
    if (versions !== undefined) return forward(chosen(owner, versions, request.headers), request);
    return plain(404, `The host "${host}" leads to the Worker "${owner}", which is not deployed.`);
  }
  const { version, problem } = await previewAt(host);
  if (version !== undefined) return forward(version, request);
  return problem === undefined ? plain(404, nobodyServes(host, script)) : plain(503, problem);
}

function nobodyServes(host, script) {
  if (routes.has(script)) {
    return `The Worker "${script}" does not answer here: its workers.dev address is switched off.\nerror code: 1042`;
  }
  const why =
    script === undefined
      ? "no route and no custom domain matches, and there is no origin behind the local edge."
      : `no Worker named "${script}" is deployed here.`;
  return `No Worker serves the host "${host}": ${why}`;
}

export default {
  fetch(request, _env, context) {
    const headers = request.headers;
    const host = headers.get("host") ?? "";
    const script = scriptOf(host);
    const versions = routes.get(script);
    const answer =
      versions === undefined || isOff(script)
        ? forwardElsewhere(host, script, request)
        : forward(chosen(script, versions, headers), request);
    // Lets the counting end well when the client has left before the answer: its signal ends the version's part.
    context.waitUntil(answer);
    return answer;
  },
};

export class Admin extends WorkerEntrypoint {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/calls" && request.method === "POST") {
      countCalls(await request.json());
      return new Response(null, { status: 204 });
    }
    if (path === "/splits" && request.method === "PATCH") {
      useSplits(await request.json());
      return new Response(null, { status: 204 });
    }
    if (path === "/addresses" && request.method === "PUT") {
      useAddresses(await request.json());
      return new Response(null, { status: 204 });
    }
    if (path === "/previews" && request.method === "PUT") {
      const { label, script, id, slot } = await request.json();
      addPreview(label, versionOf(script, id, slot, 0));
      return new Response(null, { status: 204 });
    }
    if (path === "/previews" && request.method === "DELETE") {
      forgetPreviews(await request.json());
      return new Response(null, { status: 204 });
    }
    if (path === "/counters" && request.method === "GET") {
      return Response.json({ generation: env.GENERATION, inflight, versions: counted() });
    }
    return plain(404, "no such path");
  }
}
