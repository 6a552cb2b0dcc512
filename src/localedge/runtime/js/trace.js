// Sends trace events to whoever reads them, as lines of JSON. Stands beside the Worker of a version while someone
// listens; the version's process is started without it when nobody does.
const EVENTS_MAX = 1000; // waiting to be read; the oldest go first
const EVERY_MS = 20;
const encoder = new TextEncoder();

let waiting = []; // when an invocation ended, and its event

export default {
  tail(events) {
    const ended = Date.now();
    waiting.push(...events.map((event) => ({ ended, event })));
    if (waiting.length > EVENTS_MAX) waiting = waiting.slice(-EVENTS_MAX);
  },

  fetch(request, _env, context) {
    if (new URL(request.url).pathname === "/from-now") waiting = [];
    const { readable, writable } = new TransformStream();
    context.waitUntil(send(writable.getWriter()));
    return new Response(readable);
  },
};

async function send(writer) {
  for (;;) {
    const events = waiting;
    waiting = [];
    // An empty line shows soon whether the reader is still there.
    const lines = events.length === 0 ? "\n" : events.map((event) => JSON.stringify(event) + "\n").join("");
    await writer.write(encoder.encode(lines));
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
