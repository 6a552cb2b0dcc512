"""Taking a URL apart."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlsplit

from headgate.adapters.http_client.errors import Unreachable

_PORTS = {"http": 80, "https": 443}
_LEFT_AS_THEY_ARE = "/:@!$&'()*+,;=-._~%?[]"
"""Characters of a path and query that are sent as they stand; all others are percent-encoded."""


class Origin(NamedTuple):
    """A server: connections to the same origin can be used again."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine; such a request never goes through a proxy."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.") or self._is_localhost_name

    @property
    def dial(self) -> str:
        """The host to connect to. Names under `.localhost` are loopback without DNS (RFC 6761, 6.3)."""
        return "127.0.0.1" if self._is_localhost_name else self.host

    @property
    def host_header(self) -> str:
        """The value of `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def _is_localhost_name(self) -> bool:
        return self.host.endswith(".localhost")

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host_header}"


class Address(NamedTuple):
    """A URL: its server, and the path with the query as it is sent."""

    origin: Origin
    path: str

    @property
    def shown(self) -> str:
        """The URL for people, without the query: that may hold something private."""
        return f"{self.origin}{self.path.partition('?')[0]}"


def parse(url: str) -> Address:
    """Take a URL apart. Raises Unreachable for one that cannot be asked."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unreachable(f"Not an address: {error}", where=url[:200], delivered=False) from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Unreachable("Not an http or https address", where=url[:200], delivered=False)
    query = f"?{parts.query}" if parts.query else ""
    path = quote((parts.path or "/") + query, safe=_LEFT_AS_THEY_ARE)
    return Address(Origin(parts.scheme, parts.hostname, port or _PORTS[parts.scheme]), path)
