"""Write docs/reference/local-edge-coverage.md from what the local edge tells of itself.

.venv/bin/python -m tools.coverage_page            write it
.venv/bin/python -m tools.coverage_page --check    say whether it is up to date, write nothing
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from localedge.app import told_endpoints
from localedge.coverage import Client
from localedge.features import ABSENT, ABSENT_BINDINGS, FEATURES
from localedge.resources import ACCOUNT, ROOT, absent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from localedge.coverage import Endpoint

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "local-edge-coverage.md"

IN_ACCOUNT = f"{ACCOUNT}/"
OWN_TITLE = "The edge's own"
GROUPS = (
    ("Workers: code, settings, secrets", (f"{ACCOUNT}/workers/scripts", f"{ACCOUNT}/workers/services")),
    ("Workers: versions and deployments", ("/versions", "/deployments")),
    ("Workers by id, as Terraform's provider has them", (f"{ACCOUNT}/workers/workers",)),
    ("Tail", ("/tails", "/tails/", f"{ACCOUNT}/workers/tails")),
    (
        "Addresses: workers.dev, routes, custom domains, zones",
        (
            "/subdomain",
            "/routes",
            "/domains",
            f"{ACCOUNT}/workers/subdomain",
            f"{ACCOUNT}/workers/domains",
            f"{ROOT}/zones",
        ),
    ),
    ("Static assets", ("/assets-upload-session", f"{ACCOUNT}/workers/assets")),
    ("Cron triggers", ("/schedules",)),
    ("Durable Objects", (f"{ACCOUNT}/workers/durable_objects",)),
    ("KV", (f"{ACCOUNT}/storage/kv",)),
    ("R2", (f"{ACCOUNT}/r2", "/cdn-cgi/local/r2/s3")),
    ("D1", (f"{ACCOUNT}/d1", "/d1/")),
    ("Queues", (f"{ACCOUNT}/queues",)),
    ("Measurements", (f"{ROOT}/graphql", f"{ACCOUNT}/workers/observability")),
    (
        "Users, accounts, tokens",
        (f"{ROOT}/user", f"{ROOT}/memberships", f"{ROOT}/accounts", f"{ACCOUNT}/tokens"),
    ),
    (OWN_TITLE, ("/edge/", "/metrics", "/cdn-cgi/local/r2/public")),
)
"""Titles, and what paths begin with. `/versions` and its like are parts of a Worker's path, and go first."""

INTRODUCTION = """\
# What the local edge has

<!-- Written by tools/coverage_page.py from what src/localedge tells of itself. -->

Every endpoint, binding and feature of [the local edge](../concepts/local-edge.md), and how it is known to
work:

- **Verified**: a client that was not made for the edge, unchanged, is driven through it by the tests, and
  gets what it wants. The clients are named. A test compares the names with the edge's log: nothing is claimed
  that was not seen.
- **From the schema**: no such client was seen to use it. It answers as Cloudflare's API reference has it, and
  the tests send the requests themselves.
- **Not there**: it is refused with status 501 and code 10501 (400 for a part of an upload), never answered
  with a success that is none.
"""

CLIENTS = """\
wrangler is driven in three releases: the pinned one, the newest, and the newest that Node 20 takes, on Node
20. The Python SDK checks every answer by its own types, made from Cloudflare's OpenAPI document. The
TypeScript SDK does not check its types when it runs; the tests look at what it got. obstore is an S3 client.
Terraform's provider comes from a registry of its own and was not run. Of its source the calls for a Worker's
script, its versions and deployments, and a KV namespace were read; the Python SDK and wrangler make the same.
No package that carries Cloudflare's OpenAPI document was found.
"""


def main(arguments: list[str]) -> int:
    """Exit code: 0; with `--check`, 1 if the page is not what it should be."""
    wanted = page()
    if arguments == ["--check"]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        print(f"docs/reference/{PAGE.name} is not up to date: run python -m tools.coverage_page")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


def page() -> str:
    """The page, as Markdown."""
    told = told_endpoints()
    parts = (*_counts(told), *_features(), *_endpoints(told), *_absent())
    return "\n".join((INTRODUCTION, *parts)).rstrip() + "\n"


def _counts(told: Sequence[Endpoint]) -> Iterator[str]:
    own = [endpoint for endpoint in told if _group(endpoint.path) == OWN_TITLE]
    verified = sum(bool(endpoint.by) for endpoint in told)
    yield "| | endpoints | bindings and features |\n|---|---|---|"
    yield f"| **verified** | {verified} | {len(FEATURES)} |"
    for client in Client:
        yield f"| ... by {client} | {sum(client in endpoint.by for endpoint in told)} | |"
    yield f"| from the schema | {len(told) - len(own) - verified} | |"
    yield f"| not there | {sum(map(len, ABSENT_PATHS.values()))} parts of the API | {_absent_features()} |"
    yield f"| the edge's own | {len(own)} | |\n"
    yield CLIENTS


def _absent_features() -> int:
    return len(ABSENT_BINDINGS) + len(ABSENT)


def _features() -> Iterator[str]:
    yield "## Bindings and features\n"
    yield "| name | what | verified by | differs from the platform |\n|---|---|---|---|"
    for feature in FEATURES:
        yield f"| {feature.name} | {feature.what} | {feature.seen} | {feature.limits} |"
    yield ""


def _endpoints(told: Sequence[Endpoint]) -> Iterator[str]:
    yield "## Endpoints\n"
    yield f"Paths are below `{ACCOUNT}`, but those that begin with `/`, which are whole.\n"
    groups: dict[str, list[Endpoint]] = {title: [] for title, _ in GROUPS}
    for endpoint in told:
        groups[_group(endpoint.path)].append(endpoint)
    for title, inside in groups.items():
        yield f"### {title}\n\n| method | path | what | status |\n|---|---|---|---|"
        for endpoint in sorted(inside, key=lambda one: (one.path, one.method)):
            path = endpoint.path.replace(":path}", "}").removeprefix(IN_ACCOUNT)
            what = endpoint.what.removeprefix("the edge's own: ")
            yield f"| {endpoint.method} | `{path}` | {what} | {_status(endpoint)} |"
        yield ""


def _group(path: str) -> str:
    """The title whose beginning or part of the path is the longest; a part of a Worker goes first."""
    inside = path.removeprefix(f"{ACCOUNT}/workers/scripts/{{script}}")
    of_worker = [title for title, starts in GROUPS if inside != path and inside.startswith(_parts(starts))]
    if of_worker:
        return of_worker[0]
    found = [(len(start), title) for title, starts in GROUPS for start in starts if path.startswith(start)]
    if not found:
        message = f"{path} belongs to no group: add its beginning to GROUPS in tools/coverage_page.py"
        raise LookupError(message)
    return max(found)[1]


def _parts(starts: Sequence[str]) -> tuple[str, ...]:
    """Those that are parts of a Worker's path."""
    return tuple(start for start in starts if not start.startswith(ROOT))


def _status(endpoint: Endpoint) -> str:
    if endpoint.by:
        return f"**verified**: {', '.join(endpoint.by)}"
    return "the edge's own" if _group(endpoint.path) == OWN_TITLE else "from the schema"


ABSENT_PATHS = {
    f"Below `{ACCOUNT}`, but for what is named above": absent.ABSENT_IN_ACCOUNT,
    "Below an R2 bucket, likewise": absent.ABSENT_IN_BUCKET,
    "Below a Worker": absent.ABSENT_IN_SCRIPT,
    f"Below `{ROOT}`, likewise": absent.ABSENT_AT_ROOT,
}


def _absent() -> Iterator[str]:
    yield "## Not there\n"
    yield f"- Bindings: {_names(ABSENT_BINDINGS)}."
    for name, why in ABSENT:
        yield f"- {name}: {why}."
    for where, names in ABSENT_PATHS.items():
        yield f"- {where}: {_names(names)}."


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
