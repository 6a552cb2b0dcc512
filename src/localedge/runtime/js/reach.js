// Finds where something is reached now, in the files that the edge writes (runtime/reach.py), and calls it there.
import { env } from "cloudflare:workers";
import { hasEnded } from "process.js";

const WAIT_MS_MAX = 15000;
const EVERY_MS = 15;
const PAUSES_MS = [20, 50, 100, 200, 400];
const CONNECTION_LOST = "Network connection lost."; // as workerd says it

// The value, or undefined. It may say `paused`: what is looked for moves at this moment.
async function read(kind, name) {
  const response = await env.REACH.fetch(`http://reach/${kind}.${name}.json`);
  if (response.status === 200) return response.json();
  await response.body?.cancel();
}

// Waits while it moves. `missing` says what to tell when it is not there at all.
export async function found(kind, name, missing) {
  for (let waited = 0; waited < WAIT_MS_MAX; waited += EVERY_MS) {
    const value = await read(kind, name);
    if (value === undefined) throw new Error(missing);
    if (!value.paused) return value;
    await scheduler.wait(EVERY_MS);
  }
  const error = new Error(`${name} took more than ${WAIT_MS_MAX / 1000} s to change over; try again.`);
  error.retryable = true;
  throw error;
}

// Sends a request, and again when the process called has ended meanwhile and the request may be repeated: the process
// is being started again. `calledNow` tells what is called, with its `address`; `send` calls it.
export async function sent(request, calledNow, send) {
  const pauses = isRepeatable(request) ? PAUSES_MS : [];
  for (let attempt = 0; ; attempt++) {
    const called = await calledNow();
    const started = performance.now();
    try {
      return await send(called);
    } catch (error) {
      if (attempt === pauses.length || error.remote || error.message !== CONNECTION_LOST) throw error;
      if (!(await hasEnded(placeOf(called), performance.now() - started))) throw error;
    }
    await scheduler.wait(pauses[attempt]);
  }
}

// "/a/folder/v3.debug" -> "v3"
function placeOf({ address }) {
  return address.slice(address.lastIndexOf("/") + 1).replace(".debug", "");
}

function isRepeatable({ method, body, headers }) {
  return (method === "GET" || method === "HEAD" || method === "OPTIONS") && body === null && !headers.has("upgrade");
}

// What every call on `self` is handed on to. `call(name, args)` calls a method, `property(name)` reads one.
export function forwarding(self, call, property) {
  return new Proxy(self, {
    get(target, name) {
      if (typeof name === "symbol" || name in target) {
        const own = target[name];
        return typeof own === "function" ? own.bind(target) : own;
      }
      // A caller that awaits it without calling it wants a property.
      const method = (...args) => call(name, args);
      method.then = (resolve, reject) => property(name).then(resolve, reject);
      return method;
    },
  });
}
