"""The door to the storage process: the control plane asks the same simulators that the Workers use."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping, Sequence
    from pathlib import Path

KIND_HEADER = "MF-Kind"
NAME_HEADER = "MF-Namespace"
TIMEOUT_SECONDS = 60.0
CONNECTIONS_MAX = 16
STREAMS_MAX = 32


class StorageRefused(Exception):
    """A simulator refuses what it was asked, or cannot be reached. `status` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class StorageBroken(StorageRefused):
    """No answer came after so long: the process ended, or it says nothing."""

    def __init__(self, message: str, after_seconds: float) -> None:
        super().__init__(503, message)
        self.after_seconds = after_seconds


class StorageDoor:
    """Asks one object of one simulator.

    `kind` names the simulator, `name` its namespace, bucket, database.
    """

    def __init__(self, socket: Path) -> None:
        self._http = _client(socket, CONNECTIONS_MAX)
        self._streams = _client(socket, STREAMS_MAX)

    async def close(self) -> None:
        await self._http.aclose()
        await self._streams.aclose()

    async def ask(
        self,
        kind: str,
        name: str,
        method: str,
        path: str,
        *,
        content: bytes | AsyncIterable[bytes] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allowed: tuple[int, ...] = (),
    ) -> httpx2.Response:
        """The answer; `StorageRefused` for one of status 400 and more that is not in `allowed`."""
        headers = {KIND_HEADER: kind, NAME_HEADER: quote(name), **(headers or {})}
        began = time.monotonic()
        try:
            response = await self._http.request(method, path, content=content, params=params, headers=headers)
        except httpx2.TransportError as error:
            raise _broken(error, began) from error
        if response.is_error and response.status_code not in allowed:
            raise StorageRefused(response.status_code, response.text)
        return response

    async def stream(
        self,
        kind: str,
        name: str,
        method: str,
        url: str | httpx2.URL,
        *,
        content: bytes | AsyncIterable[bytes] | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> httpx2.Response:
        """The answer, whatever its status, with a body that is still to be read. Whoever asks closes it."""
        kept = [*headers, (KIND_HEADER, kind), (NAME_HEADER, quote(name))]
        began = time.monotonic()
        request = self._streams.build_request(method, url, content=content, headers=kept)
        try:
            return await self._streams.send(request, stream=True)
        except httpx2.TransportError as error:
            raise _broken(error, began) from error


def _client(socket: Path, connections_max: int) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=connections_max)
    transport = httpx2.AsyncHTTPTransport(uds=str(socket), retries=2, limits=limits)
    return httpx2.AsyncClient(transport=transport, base_url="http://storage", timeout=TIMEOUT_SECONDS)


def _broken(error: httpx2.TransportError, began: float) -> StorageBroken:
    message = f"the storage process does not answer ({type(error).__name__}); it is being started again"
    return StorageBroken(message, time.monotonic() - began)
