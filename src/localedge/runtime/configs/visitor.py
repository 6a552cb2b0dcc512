"""What a Worker is told of its visitor, `request.cf` and `CF-Connecting-IP`: all come by loopback.

The router's connections carry it and workerd takes it off again, so that no JavaScript has to run for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localedge.runtime.capnp import Value

CF_HEADER = "x-localedge-cf"
CF = {"colo": "LCL", "country": "XX", "httpProtocol": "HTTP/1.1", "timezone": "UTC", "clientTcpRtt": 0}
"""No place and no network is made up: `XX` is the platform's word for a country that is not known."""

SIGNALS = ("enable_request_signal", "request_signal_passthrough")
"""Flags of what hands requests on: a visitor who leaves before the answer takes along what was asked for."""


def telling() -> dict[str, Value]:
    """HTTP options of a connection to a version."""
    headers: list[Value] = [
        {"name": CF_HEADER, "value": json.dumps(CF)},
        {"name": "cf-connecting-ip", "value": "127.0.0.1"},
    ]
    return {"injectRequestHeaders": headers}


def told() -> dict[str, Value]:
    """HTTP options of a version's socket."""
    return {"cfBlobHeader": CF_HEADER}
