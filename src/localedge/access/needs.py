"""What each endpoint asks of a token: the groups of which one is enough.

Cloudflare publishes them with each endpoint of its API reference ("Accepted Permissions, at least one
required", https://developers.cloudflare.com/api/). Paths here begin after `/client/v4/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.access.groups import ADMIN, CONTENT, EDITOR, METADATA

if TYPE_CHECKING:
    from collections.abc import Sequence

READS = ("GET", "HEAD", "OPTIONS")
ACCOUNT = "accounts/{}"
SCRIPT = f"{ACCOUNT}/workers/scripts/{{}}"
SERVICE = f"{ACCOUNT}/workers/services/{{}}"
WORKER = f"{ACCOUNT}/workers/workers/{{}}"


@dataclass(frozen=True, slots=True)
class Need:
    """Groups that are enough to read and to write under a path. `None`: every token is let in."""

    path: str
    read: tuple[str, ...] | None
    write: tuple[str, ...] | None
    method: str = ""
    """The one method that this is about; without it, all of them."""

    def groups(self, method: str) -> tuple[str, ...] | None:
        return self.read if method in READS else self.write


def _pair(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (f"{name} Read", f"{name} Write"), (f"{name} Write",)


READ_SCRIPTS = ("Workers Scripts Read", "Workers Scripts Write", "Workers Tail Read")
WRITE_SCRIPTS = ("Workers Scripts Write",)
READ_METADATA = (*READ_SCRIPTS, METADATA, CONTENT, EDITOR, ADMIN)
READ_CONTENT = (*READ_SCRIPTS, CONTENT, EDITOR, ADMIN)
EDIT = (*WRITE_SCRIPTS, EDITOR, ADMIN)
DELETE = (*WRITE_SCRIPTS, ADMIN)
TAIL = ("Workers Tail Read", "Workers Scripts Write", METADATA, CONTENT, EDITOR, ADMIN)
READ_KV, WRITE_KV = _pair("Workers KV Storage")
READ_D1, WRITE_D1 = _pair("D1")
READ_R2, WRITE_R2 = _pair("Workers R2 Storage")
READ_OBJECTS = (*READ_R2, "Workers R2 Storage Bucket Item Read", "Workers R2 Storage Bucket Item Write")
WRITE_OBJECTS = (*WRITE_R2, "Workers R2 Storage Bucket Item Write")
READ_ROUTES, WRITE_ROUTES = _pair("Workers Routes")
READ_ZONES, WRITE_ZONES = _pair("Zone")
READ_SETTINGS, WRITE_SETTINGS = _pair("Account Settings")
READ_TOKENS, WRITE_TOKENS = _pair("API Tokens")
READ_ACCOUNT_TOKENS, WRITE_ACCOUNT_TOKENS = _pair("Account API Tokens")
READ_QUEUES = ("Queues Read", "Queues Write", "Workers Scripts Read", "Workers Scripts Write")
WRITE_QUEUES = ("Queues Write", "Workers Scripts Write")
ANALYTICS = ("Account Analytics Read", "Analytics Read")
OBSERVE = ("Workers Observability Read", "Workers Observability Write")

NEEDS = (
    Need("user/tokens/verify", None, None),
    Need("user/tokens", READ_TOKENS, WRITE_TOKENS),
    Need("user", ("User Details Read",), ()),
    Need("memberships", ("Memberships Read",), ()),
    Need("accounts", None, (), method="GET"),
    Need(f"{ACCOUNT}/tokens/verify", None, None),
    Need(f"{ACCOUNT}/tokens", READ_ACCOUNT_TOKENS, WRITE_ACCOUNT_TOKENS),
    Need(ACCOUNT, READ_SETTINGS, (), method="GET"),
    Need(ACCOUNT, (), WRITE_SETTINGS, method="PUT"),
    Need(f"{ACCOUNT}/storage/kv", READ_KV, WRITE_KV),
    Need(f"{ACCOUNT}/storage/kv/namespaces/{{}}/bulk/get", READ_KV, READ_KV),
    Need(f"{ACCOUNT}/d1", READ_D1, WRITE_D1),
    # Which statements a database gets cannot be told from the path: the platform takes both groups here.
    Need(f"{ACCOUNT}/d1/database/{{}}/query", READ_D1, READ_D1),
    Need(f"{ACCOUNT}/d1/database/{{}}/raw", READ_D1, READ_D1),
    Need(f"{ACCOUNT}/d1/database/{{}}/export", READ_D1, READ_D1),
    Need(f"{ACCOUNT}/r2", READ_R2, WRITE_R2),
    Need(f"{ACCOUNT}/r2/buckets/{{}}/objects", READ_OBJECTS, WRITE_OBJECTS),
    Need(f"{ACCOUNT}/queues", READ_QUEUES, WRITE_QUEUES),
    Need(f"{ACCOUNT}/workers", READ_SCRIPTS, WRITE_SCRIPTS),
    Need(SCRIPT, READ_METADATA, EDIT),
    Need(SCRIPT, None, DELETE, method="DELETE"),
    Need(SCRIPT, READ_CONTENT, (), method="GET"),
    Need(f"{SCRIPT}/content", READ_CONTENT, EDIT),
    Need(f"{SCRIPT}/tails", TAIL, TAIL),
    Need(SERVICE, READ_METADATA, EDIT),
    Need(SERVICE, None, DELETE, method="DELETE"),
    Need(WORKER, READ_METADATA, EDIT),
    Need(WORKER, None, DELETE, method="DELETE"),
    Need(f"{ACCOUNT}/workers/observability", OBSERVE, OBSERVE),
    Need("graphql", ANALYTICS, ANALYTICS),
    # wrangler looks for a route's zone with a token that may do no more than change its routes.
    Need("zones", (*READ_ZONES, *READ_ROUTES), WRITE_ZONES),
    Need("zones/{}/workers", READ_ROUTES, WRITE_ROUTES),
)


def need_of(method: str, path: str) -> Need | None:
    """What a request needs: the entry that says most about its path. None: nothing was decided for it."""
    words = path.strip("/").split("/")
    found = [need for need in NEEDS if _covers(need, method, words)]
    return max(found, key=lambda need: (need.path.count("/"), bool(need.method)), default=None)


def _covers(need: Need, method: str, words: Sequence[str]) -> bool:
    """Entries for one method are about the path itself, all others also about what is below it."""
    pattern = need.path.split("/")
    if need.method:
        allowed = READS if need.method == "GET" else (need.method,)
        if method not in allowed or len(words) != len(pattern):
            return False
    return len(words) >= len(pattern) and all(
        wanted in ("{}", word) for wanted, word in zip(pattern, words, strict=False)
    )
