"""The API's resources, one file each: read the request, call the part that acts, show the result."""

from __future__ import annotations

ROOT = "/client/v4"
ACCOUNT = ROOT + "/accounts/{account}"
SCRIPT = ACCOUNT + "/workers/scripts/{script}"
BUCKETS = ACCOUNT + "/r2/buckets"
NAMESPACES = ACCOUNT + "/storage/kv/namespaces"
DATABASES = ACCOUNT + "/d1/database"
