// Stands for the Durable Objects of one class in a version's process, and hands every call on to the process that
// has the object: the host of the version that it belongs to.
import { DurableObject, env } from "cloudflare:workers";
import { versionAt } from "choice.js";
import { forwarding, found, sent } from "reach.js";

const { OWNER, NAMESPACE } = env;

// As in runtime/assignment.py
function placeOf(id) {
  return (parseInt(id.slice(-8), 16) / 2 ** 32) * 100;
}

// Where an object is now, and its class there
async function hostOf(id) {
  const hosts = await found("objects", OWNER, `Worker ${OWNER}, which has this Durable Object, is not deployed.`);
  const className = hosts.classes[NAMESPACE];
  if (className === undefined) throw new Error("The class of this Durable Object has been deleted by a migration.");
  return { className, address: versionAt(hosts.versions, placeOf(id)).address };
}

async function objectAt({ address, className }, id) {
  const host = await env.PORT.connect(`unix:${address}`);
  return host.getActor("worker", className, id);
}

async function objectOf(id) {
  return objectAt(await hostOf(id), id);
}

export class Objects extends DurableObject {
  constructor(context, bindings) {
    super(context, bindings);
    const id = context.id.toString();
    return forwarding(
      this,
      async (name, args) => (await objectOf(id))[name](...args),
      async (name) => (await objectOf(id))[name],
    );
  }

  async fetch(request) {
    const id = this.ctx.id.toString();
    return sent(
      request,
      () => hostOf(id),
      async (host) => (await objectAt(host, id)).fetch(request),
    );
  }
}
