// What a D1 binding talks to, inside the version's process. Of the storage process it reaches the queries alone, not
// what is for the control plane.
const OPEN = ["/query", "/execute"];

export default {
  fetch(request, env) {
    if (!OPEN.includes(new URL(request.url).pathname)) return new Response("not for Workers", { status: 403 });
    return env.DATABASE.fetch(request);
  },
};
