// Tells a process that has ended from a Worker whose exception looks like that: workerd closes the connection, without
// an answer, for an exception that says that a connection was lost. The control plane knows (runtime/waker.py).
import { env } from "cloudflare:workers";

const ANSWER_MS_MAX = 5000;

// Whether the process at a place, such as "v3", has ended since a call of it began, so long ago.
export async function hasEnded(place, tookMs) {
  const began = Math.floor(Date.now() - tookMs);
  try {
    const told = await env.WAKER.fetch(`http://waker/ended/${place}/${began}`, {
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    return told.status !== 204;
  } catch {
    return true; // Nobody knows, and most likely everything ends.
  }
}
