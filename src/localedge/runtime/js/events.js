// Hands the Worker the events that are no requests: a cron's time has come, a batch of a queue's messages is there.
// The answer is what workerd says of the event: its outcome, and of a batch which messages were acknowledged.
import { WorkerEntrypoint } from "cloudflare:workers";

// What a message's body is to the Worker. It travels as base64 of the bytes that its producer sent.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const BODIES = {
  text: (bytes) => ({ body: decoder.decode(bytes) }),
  json: (bytes) => ({ body: JSON.parse(decoder.decode(bytes)) }),
  bytes: (bytes) => ({ body: bytes.buffer }),
  v8: (bytes) => ({ serializedBody: bytes }),
};

function messageOf({ id, timestamp_ms, attempts, content_type, body }) {
  const content = BODIES[content_type](Uint8Array.fromBase64(body));
  return { id, timestamp: new Date(timestamp_ms), attempts, ...content };
}

function metricsOf({ backlog_count, backlog_bytes, oldest_message_timestamp_ms }) {
  return {
    backlogCount: backlog_count,
    backlogBytes: backlog_bytes,
    oldestMessageTimestamp: new Date(oldest_message_timestamp_ms),
  };
}

export class Events extends WorkerEntrypoint {
  async fetch(request) {
    const event = await request.json();
    switch (new URL(request.url).pathname) {
      case "/scheduled":
        return Response.json(await this.scheduled(event));
      case "/queue":
        return Response.json(await this.queue(event));
      default:
        return new Response("no such event", { status: 404 });
    }
  }

  scheduled({ cron, scheduled_ms }) {
    return this.env.WORKER.scheduled({ cron, scheduledTime: new Date(scheduled_ms) });
  }

  queue({ queue, messages, metrics }) {
    return this.env.WORKER.queue(queue, messages.map(messageOf), { metrics: metricsOf(metrics) });
  }
}
