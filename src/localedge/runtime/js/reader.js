// Stands before the Worker, in its process, for requests with a body: it reads what the Worker leaves unread.
//
// When an answer ends before its request has been read, workerd drops the rest or closes the connection without a
// word, on both sides of the router, and the next request on that connection is lost. So the end of an answer waits
// here until the request has been read, within bounds.
import { env } from "cloudflare:workers";

const WHOLE_BYTES_MAX = 64 * 1024;
const PIECE_BYTES = 64 * 1024;
const REST_BYTES_MAX = 64 * 1024 * 1024;
const REST_MS_MAX = 5000;

// NaN when it is not known
function lengthOf({ headers }) {
  return Number(headers.get("content-length") ?? NaN);
}

// A body that the Worker gets piece by piece as it comes, for as long as it has a use for it. It is read by hand,
// as a pump of workerd's own that is broken off in the middle of a read cannot be taken up again.
class Upload {
  isRead = false;
  #isWanted = true;
  #unwanted = Promise.withResolvers();
  #reading;

  constructor(request) {
    const length = lengthOf(request);
    const { readable, writable } = length >= 0 ? new FixedLengthStream(length) : new IdentityTransformStream();
    this.readable = readable;
    this.#reading = this.#read(request.body.getReader({ mode: "byob" }), writable.getWriter());
  }

  // The Worker is done: read what it left. Returns when that is read, or too much, or takes too long.
  async readRest() {
    this.#leave();
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, REST_MS_MAX)));
    await Promise.race([this.#reading, late]);
    clearTimeout(timer);
  }

  #leave = () => {
    this.#isWanted = false;
    this.#unwanted.resolve();
  };

  async #read(source, sink) {
    let rest = 0;
    try {
      while (rest <= REST_BYTES_MAX) {
        const { done, value } = await source.read(new Uint8Array(PIECE_BYTES));
        if (done) break;
        if (!this.#isWanted) rest += value.byteLength;
        else await this.#whileWanted(sink.write(value));
      }
      this.isRead = rest <= REST_BYTES_MAX;
      if (this.#isWanted) await this.#whileWanted(sink.close());
    } catch (error) {
      // The client has gone: the Worker must not take what came for the whole.
      sink.abort(error).catch(() => {});
    }
  }

  // Neither a Worker that does not read nor one that has ended can hold up the reading.
  #whileWanted(written) {
    return Promise.race([written.catch(this.#leave), this.#unwanted.promise]);
  }
}

async function passOn(answer, sink, upload) {
  await answer.pipeTo(sink, { preventClose: true });
  await upload.readRest();
  await sink.close();
}

// The answer as it comes, but for its end; so its length is no longer announced.
async function untilRead(response, upload, context) {
  if (response.body === null) {
    await upload.readRest();
    return response;
  }
  const { readable, writable } = new IdentityTransformStream();
  context.waitUntil(passOn(response.body, writable, upload));
  return new Response(readable, response);
}

async function passUpload(request, context) {
  const upload = new Upload(request);
  try {
    const response = await env.FRONT.fetch(new Request(request, { body: upload.readable }));
    return upload.isRead ? response : untilRead(response, upload, context);
  } catch (error) {
    await upload.readRest();
    throw error;
  }
}

export default {
  async fetch(request, _env, context) {
    if (!(lengthOf(request) <= WHOLE_BYTES_MAX)) return passUpload(request, context);
    const body = await request.arrayBuffer();
    return env.FRONT.fetch(new Request(request, { body }));
  },
};
