"""The door to the storage process: the control plane asks the same simulators that the Workers use."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping
    from pathlib import Path

KIND_HEADER = "MF-Kind"
NAME_HEADER = "MF-Namespace"
TIMEOUT_SECONDS = 60.0
CONNECTIONS_MAX = 16


class StorageRefused(Exception):
    """A simulator refuses what it was asked, or cannot be reached. `status` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class StorageDoor:
    """Asks one object of one simulator.

    `kind` names the simulator, `name` its namespace, bucket, database.
    """

    def __init__(self, socket: Path) -> None:
        limits = httpx2.Limits(max_connections=CONNECTIONS_MAX)
        transport = httpx2.AsyncHTTPTransport(uds=str(socket), retries=2, limits=limits)
        self._http = httpx2.AsyncClient(
            transport=transport, base_url="http://storage", timeout=TIMEOUT_SECONDS
        )

    async def close(self) -> None:
        await self._http.aclose()

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
        try:
            response = await self._http.request(method, path, content=content, params=params, headers=headers)
        except httpx2.TransportError as error:
            message = (
                f"the storage process does not answer ({type(error).__name__}); it is being started again"
            )
            raise StorageRefused(503, message) from error
        if response.is_error and response.status_code not in allowed:
            raise StorageRefused(response.status_code, response.text)
        return response
