// The one door of the storage process: the header MF-Namespace names the KV namespace, which is there once it is used.
import { env } from "cloudflare:workers";

const HEADER = "MF-Namespace";

export default {
  fetch(request) {
    const namespace = request.headers.get(HEADER);
    if (!namespace) return new Response(`the header ${HEADER} is missing`, { status: 400 });
    const object = env.KV.get(env.KV.idFromName(namespace));
    return object.fetch(request, { cf: { miniflare: { name: namespace } } });
  },
};
