// Stands before a version that was asked to be slow or to fail: some requests wait, are answered with a status, or
// end in an exception. A version that nobody disturbs has no such thing in its process.
import { env } from "cloudflare:workers";

const { delay_ms: delayMs = 0, status = 0, exception = false, probability = 1 } = env.DISTURBANCE;

export default {
  async fetch(request) {
    if (Math.random() >= probability) return env.FRONT.fetch(request);
    if (delayMs > 0) await scheduler.wait(delayMs);
    if (exception) throw new Error("an exception that was asked for");
    if (status > 0) return new Response(`status ${status} was asked for\n`, { status });
    return env.FRONT.fetch(request);
  },
};
