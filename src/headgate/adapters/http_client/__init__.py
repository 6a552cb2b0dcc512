"""A small HTTP/1.1 client on `http.client`: it is loaded in a quarter of the time that httpx takes.

Its types are named tuples: a dataclass takes ten times as long to make, and a rollback waits for it.
"""

from __future__ import annotations

from headgate.adapters.http_client.client import Answer, HttpClient, Request
from headgate.adapters.http_client.errors import BadAnswer, HttpError, Unreachable

__all__ = ["Answer", "BadAnswer", "HttpClient", "HttpError", "Request", "Unreachable"]
