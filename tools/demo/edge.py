"""The demo's own Cloudflare: a local edge that is up while the demo runs, with what the shop needs in it."""

from __future__ import annotations

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tools.demo.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENTS = ("staging", "production")
TELLS = ".headgate/edge/edge.json"


@dataclass(frozen=True)
class Edge:
    """Where the Workers of the edge answer."""

    traffic_port: int


def is_left_over(shell: Shell) -> bool:
    """Whether an edge may still be up from an earlier demo that was killed."""
    return (shell.project / TELLS).exists()


@contextmanager
def running_edge(shell: Shell) -> Iterator[Edge]:
    """An edge in the project's folder, which wrangler in `shell` speaks to; down again however this ends."""
    try:
        shell.headgate_told("edge", "up", "--json")
        told = json.loads((shell.project / TELLS).read_text())
        shell.variables |= {
            "CLOUDFLARE_API_BASE_URL": told["api_url"],
            "CLOUDFLARE_API_TOKEN": told["token"],
            "CLOUDFLARE_ACCOUNT_ID": told["account_id"],
        }
        yield Edge(traffic_port=urlsplit(told["traffic_url"]).port or 80)
    finally:
        shell.headgate("edge", "down")


def furnish(shell: Shell) -> None:
    """Give each environment its KV namespace, which wrangler writes into wrangler.jsonc, and its secret."""
    # From outside the project, so that no wrangler reads the file while another writes it.
    outside = Shell(shell.project.parent, shell.variables)
    with ThreadPoolExecutor() as at_once:
        for done in (at_once.submit(_make_namespaces, shell), at_once.submit(_put_secrets, outside)):
            done.result()


def _make_namespaces(shell: Shell) -> None:
    for environment in ENVIRONMENTS:
        title = f"shop-{environment}"
        shell.wrangler("kv", "namespace", "create", title, "--env", environment, "--binding", "SHOP")


def _put_secrets(shell: Shell) -> None:
    for environment in ENVIRONMENTS:
        value = secrets.token_hex(32)
        shell.wrangler("secret", "put", "CART_SIGNING_KEY", "--name", f"shop-{environment}", stdin=value)
