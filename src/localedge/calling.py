"""Calls the API of the edge that runs on a folder, as its own commands do."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localedge.instance import Instance

TIMEOUT_SECONDS = 10.0


class CallFailed(Exception):
    """The edge refused, or does not answer; the text says what it said."""


def call(instance: Instance, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - what the API tells
    """The `result` of an answer. Paths that begin with `/edge/` are the edge's own, others are the API's."""
    base = instance.api_url.removesuffix("/client/v4") if path.startswith("/edge/") else instance.api_url
    headers = {"Authorization": f"Bearer {instance.token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=data, headers=headers, method=method)  # noqa: S310 - loopback
    try:
        # Without the environment's proxies: the edge is on loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)["result"]
    except urllib.error.HTTPError as refused:
        raise CallFailed(_said(refused)) from refused
    except (OSError, ValueError, KeyError) as error:
        raise CallFailed(
            f"the local edge at {instance.api_url} does not answer as it should: {error}"
        ) from error


def _said(refused: urllib.error.HTTPError) -> str:
    try:
        return "; ".join(str(error["message"]) for error in json.load(refused)["errors"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP status {refused.code}"
