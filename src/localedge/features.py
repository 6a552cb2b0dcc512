"""What a Worker and its users have on the edge. A product with features of its own adds them to its room."""

from __future__ import annotations

from localedge.coverage import Feature

WORKERS = (
    Feature("plain_text, json", "variables", "set by wrangler, read by a Worker"),
    Feature("secret_text", "secrets, each with the version that has it", "wrangler secret, read by a Worker"),
    Feature("version_metadata", "the version's own id, tag and time", "read by a Worker"),
    Feature("ctx.waitUntil", "work after the answer, up to 30 s", "a version that is replaced meanwhile"),
)
ASSETS = (
    Feature(
        "assets",
        "static files before a Worker or alone, `env.ASSETS`, `_headers`, `_redirects`, `run_worker_first`",
        "sites deployed with wrangler, served by Cloudflare's own code",
        "100,000 files a version whatever the plan",
    ),
    Feature(
        "Workers Sites",
        "files in KV (`__STATIC_CONTENT`), the older way",
        "a project with kv-asset-handler, deployed with wrangler",
    ),
)
KV = (
    Feature(
        "kv_namespace",
        "keys and values",
        "read and written by a Worker, wrangler and the API alike",
        "consistent at once; the platform takes up to a minute",
    ),
)
R2 = (
    Feature(
        "r2_bucket",
        "objects, multipart uploads, conditions, checksums, ranges",
        "read and written by a Worker, wrangler and the API alike",
        "no storage class InfrequentAccess, no encryption with the client's key",
    ),
    Feature(
        "R2 by S3",
        "objects, lists, multipart uploads, copies, presigned addresses; API tokens are its keys",
        "an S3 client",
        "no buckets of a jurisdiction, none made or deleted",
    ),
    Feature(
        "lifecycle rules",
        "objects deleted by age or date",
        "set by wrangler",
        "no aborted uploads, no change of storage class",
    ),
    Feature("r2.dev", "a bucket that everyone can read", "switched on by wrangler, read over HTTP"),
)
QUEUES = (
    Feature(
        "queue",
        "producers: `send`, `sendBatch`, `metrics`, delays, all content types",
        "sent by a Worker; deployed with wrangler",
    ),
    Feature(
        "queue consumers",
        "batches, acknowledgements, retries, dead letter queues, concurrency; HTTP pull",
        "random consumers, a kill of a version and of the edge in a batch; `wrangler queues`",
        "10 batches at a time when the consumer leaves it open",
    ),
)
CRON = (
    Feature(
        "cron triggers",
        "`scheduled()` in a version that serves, in the platform's dialect",
        "set with wrangler, run on demand through a path of the edge's own",
        "at most once a minute each; minutes that the machine slept through are left out",
    ),
)
RATE_LIMITS = (
    Feature(
        "ratelimit",
        "counters of 10 or 60 seconds, shared by all with the same namespace",
        "two Workers and two versions that count together; deployed with wrangler",
        "fixed windows, and one place for the whole edge",
    ),
)
D1 = (
    Feature(
        "d1",
        "SQLite databases: queries, batches, sessions",
        "read and written by a Worker, wrangler and the API alike",
        "no read replicas; Time Travel goes back up to 30 days, within a bound of disk",
    ),
)
OBJECTS = (
    Feature(
        "durable_object_namespace",
        "Durable Objects, own ones and other Workers': fetch, RPC, WebSockets, storage, SQL, alarms",
        "a count over splits, rollbacks and restarts; deployed with wrangler",
        "no `ctx.id.name` in the object, no namespaces in `ctx.exports`, no point-in-time recovery",
    ),
    Feature(
        "migrations",
        "new, renamed and deleted classes; a version from before the last one is not deployed",
        "wrangler deploy, rollback",
        "`transferred_classes` is refused",
    ),
    Feature(
        "hibernating WebSockets",
        "`ctx.acceptWebSocket`, `webSocketMessage`, `webSocketClose`",
        "a client that talks over a deployment, which ends the connection as on the platform",
    ),
)
SERVICES = (
    Feature(
        "service",
        "calls of other Workers: fetch and RPC, also of named entrypoints with `props`",
        "splits, overrides and keys followed; deployed with wrangler",
    ),
)
WEBSOCKETS = (
    Feature(
        "WebSockets", "to a Worker, through service bindings, to Durable Objects", "talked to by a client"
    ),
)
ADDRESSES = (
    Feature(
        "routes, custom domains",
        "hosts and paths of a zone, as the platform's patterns have them",
        "deployed with wrangler, asked by host",
        "no TLS, no DNS, no origin",
    ),
    Feature(
        "preview addresses",
        "each version, by its id or an alias; woken when it sleeps",
        "wrangler versions upload --preview-alias",
        "not under custom domains",
    ),
    Feature(
        "request.cf, CF-Connecting-IP",
        "what is known of the visitor",
        "read by a Worker",
        "the same for all: they come by loopback",
    ),
)

FEATURES = (
    *WORKERS,
    *ASSETS,
    *KV,
    *R2,
    *D1,
    *QUEUES,
    *CRON,
    *RATE_LIMITS,
    *OBJECTS,
    *SERVICES,
    *WEBSOCKETS,
    *ADDRESSES,
)

ABSENT_BINDINGS = (
    "ai",
    "ai_search",
    "analytics_engine",
    "browser",
    "dispatch_namespace",
    "hyperdrive",
    "images",
    "media",
    "mtls_certificate",
    "pipelines",
    "secret_key",
    "secrets_store_secret",
    "send_email",
    "vectorize",
    "vpc_service",
    "workflow",
)
"""Types of bindings that the platform has and the edge refuses."""

ABSENT = (
    ("Python Workers", "workerd fetches the Python runtime from the internet, and the edge works without"),
    ("tail Workers", "`tail_consumers`, `streaming_tail_consumers`"),
    ("containers, named exports", "`containers`, `exports`"),
    ("email handlers", "nothing sends them mail"),
)
"""Other features: name, and why or how an upload says it."""
