// A service binding: hands every call on to one version of the other Worker, by that Worker's split, and has the
// router count it.
import { WorkerEntrypoint, env } from "cloudflare:workers";
import { chosen } from "choice.js";
import { forwarding, found, sent } from "reach.js";

const { SERVICE, ENTRYPOINT, PROPS } = env;
const TOGETHER_MS = 20;

let calls = []; // that the router has not been told of

async function versionFor(headers) {
  const { versions } = await found("service", SERVICE, `Worker ${SERVICE}, bound as a service, is not deployed.`);
  return chosen(SERVICE, versions, headers);
}

async function entrypointOf({ address }, service = "worker") {
  const process = await env.PORT.connect(`unix:${address}`);
  return process.getEntrypoint(service, ENTRYPOINT ?? undefined, PROPS ?? undefined);
}

// A Worker's assets take requests before it, as they do for its visitors.
function frontOf(version) {
  return ENTRYPOINT === null ? entrypointOf(version, version.front) : entrypointOf(version);
}

async function tellRouter() {
  await scheduler.wait(TOGETHER_MS);
  const told = calls;
  calls = [];
  await env.ROUTER.fetch("http://router/calls", { method: "POST", body: JSON.stringify(told) });
}

// Runs a call and counts how it went; an exception goes on to the caller.
async function counted(context, { id }, statusOf, run) {
  const started = performance.now();
  let status = null;
  try {
    const result = await run();
    status = statusOf(result);
    return result;
  } finally {
    if (calls.push([SERVICE, id, status, performance.now() - started]) === 1) context.waitUntil(tellRouter());
  }
}

export default class Binding extends WorkerEntrypoint {
  constructor(context, bindings) {
    super(context, bindings);
    return forwarding(
      this,
      (name, args) => this.#call(name, args),
      async (name) => (await entrypointOf(await versionFor()))[name],
    );
  }

  async fetch(request) {
    const version = await versionFor(request.headers);
    const send = async () => (await frontOf(version)).fetch(request);
    const run = () => sent(request, () => version, send);
    return counted(this.ctx, version, (response) => response.status, run);
  }

  async #call(name, args) {
    const version = await versionFor();
    const run = async () => (await entrypointOf(version))[name](...args);
    return counted(this.ctx, version, () => 200, run);
  }
}
