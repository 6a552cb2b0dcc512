"""What the edge has, and how that is known. Each resource tells its endpoints, each product its features.

The page docs/reference/local-edge-coverage.md is written from this by tools/coverage_page.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Client(StrEnum):
    """A program that was not made for the edge, and is driven against it in the tests."""

    WRANGLER = "wrangler"
    PYTHON_SDK = "Python SDK"
    TYPESCRIPT_SDK = "TypeScript SDK"
    OBSTORE = "obstore (S3)"


SDKS = (Client.PYTHON_SDK, Client.TYPESCRIPT_SDK)
ALL = (Client.WRANGLER, *SDKS)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and a path, as the routes have it. `by` names the clients that the tests drive through it.

    A test compares the names with what was seen. An endpoint that no client was seen to use answers as the
    published API reference has it, and the tests send the requests themselves.
    """

    method: str
    path: str
    what: str
    by: tuple[Client, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """A binding, a handler, or something else that a Worker or its users have, e.g. `WebSockets`.

    `seen` says how it was seen working, in a few words; `limits` what differs from the platform.
    """

    name: str
    what: str
    seen: str
    limits: str = ""
