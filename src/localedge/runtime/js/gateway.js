// The one door of the storage process. MF-Kind names a simulator, MF-Namespace the one of its objects that is
// asked: a namespace, a bucket, a database. An object is there once it is used.
import { env } from "cloudflare:workers";

export default {
  fetch(request) {
    const kind = request.headers.get("MF-Kind");
    const name = request.headers.get("MF-Namespace");
    if (!kind || !name) return new Response("the headers MF-Kind and MF-Namespace say what is asked", { status: 400 });
    const simulator = env[kind];
    if (simulator === undefined) return new Response(`there is no simulator ${kind}`, { status: 400 });
    const object = simulator.get(simulator.idFromName(name));
    return object.fetch(request, { cf: { miniflare: { name } } });
  },
};
