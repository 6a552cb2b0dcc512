"""Tails: a session is made over REST, then its events come over a websocket."""

from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from localedge.coverage import ALL, SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, CODE_TAIL_MISSING, Invalid, Missing
from localedge.resources import SCRIPT
from localedge.resources.lookup import script_of
from localedge.tail_filters import problem_of, wanted

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.tails import TailSession

SUBPROTOCOL = "trace-v1"
CLOSE_UNKNOWN_SESSION = 4004
CHECK_EVERY_SECONDS = 1.0


COVERAGE = (
    Endpoint("GET", f"{SCRIPT}/tails", "the newest session", SDKS),
    Endpoint("POST", f"{SCRIPT}/tails", "open one (at most 10 a Worker, 6 hours)", ALL),
    Endpoint("DELETE", f"{SCRIPT}/tails/{{tail}}", "end a session", ALL),
    Endpoint(
        "WebSocket",
        "/tails/{tail}",
        "events of a tail session, subprotocol `trace-v1`; its address is the secret",
        (Client.WRANGLER,),
    ),
)


def routes(edge: Edge) -> list[BaseRoute]:
    """What this resource answers."""
    tails = TailEndpoints(edge)
    return [
        Route(f"{SCRIPT}/tails", tails.newest, methods=["GET"]),
        Route(f"{SCRIPT}/tails", tails.create, methods=["POST"]),
        Route(f"{SCRIPT}/tails/{{tail}}", tails.delete, methods=["DELETE"]),
        WebSocketRoute("/tails/{tail}", tails.listen),
    ]


class TailEndpoints:
    """Sessions over REST, events over a websocket."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._random = random.SystemRandom()

    async def newest(self, request: Request) -> Response:
        """The API reference calls this a list, and has one session as its result."""
        sessions = self._edge.tails.of(script_of(self._edge, request).name)
        return ok(self._show(sessions[-1]) if sessions else None)

    async def create(self, request: Request) -> Response:
        name = script_of(self._edge, request).name
        return ok(self._show(self._edge.tails.open(name, await _filters(request))))

    async def delete(self, request: Request) -> Response:
        session = self._edge.tails.get(request.path_params["tail"])
        if session is None or session.script != script_of(self._edge, request).name:
            raise Missing(CODE_TAIL_MISSING, "no such tail session; it has ended or has expired")
        self._edge.tails.close(session.id)
        return ok(None)

    async def listen(self, socket: WebSocket) -> None:
        """Send events until the listener leaves, or the session is ended or expires."""
        session = self._edge.tails.get(socket.path_params["tail"])
        if session is None or SUBPROTOCOL not in socket.scope["subprotocols"]:
            await socket.close(CLOSE_UNKNOWN_SESSION)
            return
        await socket.accept(subprotocol=SUBPROTOCOL)
        leaving = asyncio.create_task(_until_it_leaves(socket))
        try:
            await self._send_events(socket, session, leaving)
        finally:
            leaving.cancel()
            self._edge.tails.close(session.id)

    async def _send_events(
        self, socket: WebSocket, session: TailSession, leaving: asyncio.Task[None]
    ) -> None:
        with self._edge.runtime.tail(session.script) as events:
            while not leaving.done() and self._edge.tails.get(session.id) is not None:
                try:
                    async with asyncio.timeout(CHECK_EVERY_SECONDS):
                        event = await events.get()
                except TimeoutError:
                    continue
                if wanted(event, session.filters, self._random.random()):
                    await socket.send_bytes(json.dumps(event).encode())
        if not leaving.done():
            await socket.close()

    def _show(self, session: TailSession) -> dict[str, Any]:
        origin = self._edge.addresses.api_origin.replace("http://", "ws://", 1)
        return {
            "id": session.id,
            "url": f"{origin}/tails/{session.id}",
            "expires_at": session.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


async def _until_it_leaves(socket: WebSocket) -> None:
    """Read and drop what the listener sends (wrangler says whether it debugs)."""
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        return


async def _filters(request: Request) -> tuple[dict[str, Any], ...]:
    body = await request.body()
    if not body:
        return ()
    try:
        filters = json.loads(body).get("filters", [])
    except (ValueError, AttributeError) as error:
        raise Invalid(CODE_MALFORMED, "the body has to be a JSON object with a list of filters") from error
    if (problem := problem_of(filters)) is not None:
        raise Invalid(CODE_MALFORMED, problem)
    return tuple(filters)
