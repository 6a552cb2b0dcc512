"""The proxy that the environment names for a server: HTTP_PROXY, HTTPS_PROXY, NO_PROXY."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.adapters.http_client.errors import Unreachable

if TYPE_CHECKING:
    from headgate.adapters.http_client.address import Origin


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where to connect instead, and what it wants to see."""

    host: str
    port: int
    headers: dict[str, str]


def proxy_for(origin: Origin) -> Proxy | None:
    """The proxy for a distant server, if there is one. Raises Unreachable if it does not speak HTTP."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass  # 20 ms that only users of a proxy pay

    url = getproxies().get(origin.scheme)
    if not url or proxy_bypass(origin.host):
        return None
    return _parsed(url, origin)


def _parsed(url: str, origin: Origin) -> Proxy:
    from base64 import b64encode
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise Unreachable(
            f"The proxy for {origin.scheme} in the environment is not an http:// address",
            where=str(origin),
            delivered=False,
        )
    headers = {}
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = "Basic " + b64encode(user.encode()).decode()
    return Proxy(parts.hostname, parts.port or 80, headers)
