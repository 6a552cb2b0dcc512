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
)
D1 = (
    Feature(
        "d1",
        "SQLite databases: queries, batches, sessions",
        "read and written by a Worker, wrangler and the API alike",
        "no read replicas; Time Travel goes back up to 30 days, within a bound of disk",
    ),
)

FEATURES = (*WORKERS, *ASSETS, *KV, *R2, *D1)
