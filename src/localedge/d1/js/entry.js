// What a D1 binding talks to, inside the version's process. Of the storage process it reaches the queries alone, not
// what is for the control plane.
const OPEN = ["/query", "/execute"];
const RESET = "D1 DB exceeded its CPU time limit and was reset.";

export default {
  async fetch(request, env) {
    if (!OPEN.includes(new URL(request.url).pathname)) return new Response("not for Workers", { status: 403 });
    const began = Date.now();
    try {
      return await env.DATABASE.fetch(request);
    } catch (error) {
      // The process ended that the query was in: the watchdog's work if it took that long.
      if (Date.now() - began < env.LIMIT_MS) throw error;
      return Response.json({ success: false, error: RESET }, { status: 500 });
    }
  },
};
