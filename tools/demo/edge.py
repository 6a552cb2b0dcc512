"""The demo's own Cloudflare: a local edge that is up while the demo runs, with what the shop needs in it."""

from __future__ import annotations

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.demo.shell import Shell

ENVIRONMENTS = ("staging", "production")


@dataclass(frozen=True)
class Edge:
    """Where the Workers of the edge answer."""

    traffic_port: int


@contextmanager
def running_edge(shell: Shell) -> Iterator[Edge]:
    """An edge in the project's folder, which wrangler in `shell` speaks to; down again however this ends."""
    try:
        shell.headgate_told("edge", "up", "--json")
        told = json.loads((shell.project / ".headgate" / "edge" / "edge.json").read_text())
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
    for environment in ENVIRONMENTS:
        title = f"shop-{environment}"
        shell.wrangler("kv", "namespace", "create", title, "--env", environment, "--binding", "SHOP")
    with ThreadPoolExecutor() as both:
        for done in [both.submit(_put_secret, shell, environment) for environment in ENVIRONMENTS]:
            done.result()


def _put_secret(shell: Shell, environment: str) -> None:
    shell.wrangler("secret", "put", "CART_SIGNING_KEY", "--env", environment, stdin=secrets.token_hex(32))
