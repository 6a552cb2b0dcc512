// Miniflare's S3 and public endpoints of R2, for buckets that come and go: both want a binding for each bucket,
// which workerd's configuration would have to name. There is one binding to all buckets instead, whose keys
// begin with the bucket's name. Which buckets there are and who may use them comes with each request.
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import s3 from "s3.worker.js";
import open from "public.worker.js";

const CREDENTIALS = "x-localedge-s3";
const PUBLIC = "x-localedge-public";
const METADATA_SIZE = "cf-r2-metadata-size";

export class S3Endpoint extends DurableObject {
  async fetch(request) {
    const headers = new Headers(request.headers);
    for (const name of [CREDENTIALS, PUBLIC, "MF-Kind", "MF-Namespace"]) headers.delete(name);
    const plain = new Request(request, { headers });
    const credentials = request.headers.get(CREDENTIALS);
    if (credentials !== null) return s3.fetch(plain, this.#boundTo(JSON.parse(credentials)));
    const bucket = request.headers.get(PUBLIC);
    return open.fetch(plain, { [bucket]: one(this.env.ALL, bucket) });
  }

  // As the endpoint wants its environment. `names` are buckets, each with what it is called in storage.
  #boundTo({ names, accessKeyId, secretAccessKey }) {
    const env = { MINIFLARE_R2_S3_CREDENTIALS: {} };
    for (const [name, stored] of Object.entries(names)) {
      env.MINIFLARE_R2_S3_CREDENTIALS[name] = { accessKeyId, secretAccessKey };
      env[`MINIFLARE_R2_S3_BUCKET_${name}`] = one(this.env.ALL, stored);
    }
    return env;
  }
}

// One bucket, through the binding to all.
function one(all, bucket) {
  const key = (name) => `${bucket}/${name}`;
  return {
    head: (name) => all.head(key(name)),
    get: (name, options) => all.get(key(name), options),
    put: (name, value, options) => all.put(key(name), value, options),
    delete: (names) => all.delete(Array.isArray(names) ? names.map(key) : key(names)),
    list: (options) => all.list({ ...options, prefix: key(options?.prefix ?? "") }),
    createMultipartUpload: (name, options) => all.createMultipartUpload(key(name), options),
    resumeMultipartUpload: (name, id) => all.resumeMultipartUpload(key(name), id),
  };
}

// What the binding to all buckets asks: it takes the bucket's name off the keys and asks the bucket.
export class AllBuckets extends WorkerEntrypoint {
  async fetch(request) {
    const asked = request.headers.get("cf-r2-request");
    if (asked !== null) {
      const { bucket, metadata } = split(JSON.parse(asked));
      const headers = { "cf-r2-request": ascii(metadata) };
      return this.#bucket(bucket).fetch("http://r2/", { headers, cf: { miniflare: { name: bucket } } });
    }
    return this.#put(request);
  }

  async #put(request) {
    const size = Number(request.headers.get(METADATA_SIZE));
    const reader = request.body.getReader({ mode: "byob" });
    const { value: prefix } = await reader.readAtLeast(size, new Uint8Array(size));
    reader.releaseLock();
    const { bucket, metadata } = split(JSON.parse(new TextDecoder().decode(prefix)));
    const changed = new TextEncoder().encode(JSON.stringify(metadata));
    const valueSize = Number(request.headers.get("Content-Length")) - size;
    const { readable, writable } = new FixedLengthStream(changed.byteLength + valueSize);
    const sent = send(writable, changed, request.body);
    const headers = { [METADATA_SIZE]: `${changed.byteLength}` };
    const cf = { miniflare: { name: bucket } };
    const answer = this.#bucket(bucket).fetch("http://r2/", { method: "PUT", body: readable, headers, cf });
    const [done] = await Promise.all([answer, sent]);
    return done;
  }

  #bucket(name) {
    return this.env.BUCKETS.get(this.env.BUCKETS.idFromName(name));
  }
}

async function send(writable, metadata, rest) {
  const writer = writable.getWriter();
  await writer.write(metadata);
  writer.releaseLock();
  await rest.pipeTo(writable);
}

// The bucket's name, and the request without it.
function split(metadata) {
  const named = metadata.object ?? metadata.objects?.[0] ?? metadata.prefix;
  const bucket = named.slice(0, named.indexOf("/"));
  const bare = (key) => key.slice(bucket.length + 1);
  const changed = { ...metadata };
  if (metadata.object !== undefined) changed.object = bare(metadata.object);
  if (metadata.objects !== undefined) changed.objects = metadata.objects.map(bare);
  if (metadata.prefix !== undefined) changed.prefix = bare(metadata.prefix);
  return { bucket, metadata: changed };
}

// JSON that a header can carry.
function ascii(value) {
  const escape = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escape);
}
