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

async function objectOf(id) {
  const hosts = await found("objects", OWNER, `Worker ${OWNER}, which has this Durable Object, is not deployed.`);
  const className = hosts.classes[NAMESPACE];
  if (className === undefined) throw new Error("The class of this Durable Object has been deleted by a migration.");
  const { address } = versionAt(hosts.versions, placeOf(id));
  const host = await env.PORT.connect(`unix:${address}`);
  return host.getActor("worker", className, id);
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
    return sent(request, async () => (await objectOf(this.ctx.id.toString())).fetch(request));
  }
}
