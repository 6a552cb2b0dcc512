"""The stage at which requests meet the faults that were asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from localedge.faults.answers import Recording, answer_of, garbage, question
from localedge.faults.connection import break_off
from localedge.faults.rules import ROOT_TOKEN, Asked, Fault, Kind

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from localedge.access.guard import Caller
    from localedge.faults.answers import Answer
    from localedge.faults.faults import Faults
    from localedge.faults.plan import Counted

HANG_SECONDS_MAX = 300.0
SLOW_PIECES = 10


class FaultStage:
    """Around everything that answers; behind the one that knows who asks."""

    def __init__(self, app: ASGIApp, faults: Faults, root: str, caller: str) -> None:
        """`root` is the path of the API; `caller` is where the scope says who asks."""
        self._app = app
        self._plan, self._lag = faults.plan, faults.lag
        self._root, self._caller = root, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._plan.rules or scope["type"] != "http" or not scope["path"].startswith(f"{self._root}/"):
            await self._app(scope, receive, send)
            return
        asked = self._asked(scope)
        if fault := self._plan.draw(asked):
            await self._act(fault, scope, receive, send)
        elif asked.method in ("GET", "HEAD"):
            await self._read(asked, scope, receive, send)
        else:
            await self._write(asked, scope, receive, send)

    async def _act(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(fault.delay_ms / 1000)
        if fault.kind is Kind.LATE:
            await self._app(scope, receive, slow(send, fault.slow_body_ms))
            return
        if fault.kind is Kind.TRUNCATED:
            await self._app(scope, receive, halved(send))
            await break_off(scope, receive)
            return
        if fault.applied:
            await self._app(scope, receive, Recording())
        elif fault.kind is not Kind.HANG:
            await _read_to_the_end(receive)
        if fault.kind is Kind.HANG:
            await _until_the_client_leaves(receive)
        if fault.kind in (Kind.HANG, Kind.DROP):
            await break_off(scope, receive)
            return
        answer = garbage() if fault.kind is Kind.GARBAGE else answer_of(fault)
        await answer.send(slow(send, fault.slow_body_ms))

    async def _read(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """What was before the last writes, where reads lag; else what is."""
        for counted in self._plan.stale():
            if counted.rule.match.fits(asked):
                self._lag.note(asked.path, asked.query)
                past = self._lag.past(asked.path, asked.query)
                if past is not None:
                    counted.hit += 1
                    await past.send(send)
                    return
        await self._app(scope, receive, send)

    async def _write(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Carried out; what lags goes on answering as it did right before."""
        found = [(counted, _lagging(counted, asked)) for counted in self._plan.stale()]
        lagging = [(counted, path) for counted, path in found if path is not None]
        before = [
            {
                query: answer
                for query in self._lag.queries(path)
                if (answer := await self._now(scope, path, query))
            }
            for _, path in lagging
        ]
        status = 0

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self._app(scope, receive, send_noting_status)
        for (counted, path), answers in zip(lagging, before, strict=True):
            if status < 400 and counted.fires():
                self._lag.wrote(path, answers, counted.rule.fault.stale_ms)

    async def _now(self, scope: Scope, path: str, query: str) -> Answer | None:
        """What a path answers now, to the same client."""
        recording = Recording()
        inner, nothing = question(scope, self._prefix(scope) + path, query)
        await self._app(inner, nothing, recording)
        return recording.answer

    def _prefix(self, scope: Scope) -> str:
        """The part of the path that rules do not see: `/client/v4/accounts/ID`, or `/client/v4`."""
        path: str = scope["path"]
        parts = path.removeprefix(self._root).split("/")
        return (
            f"{self._root}/accounts/{parts[2]}" if parts[1] == "accounts" and len(parts) > 3 else self._root
        )

    def _asked(self, scope: Scope) -> Asked:
        path = scope["path"].removeprefix(self._prefix(scope))
        return Asked(scope["method"], path, scope["query_string"].decode("latin-1"), self._tokens(scope))

    def _tokens(self, scope: Scope) -> tuple[str, ...]:
        """What rules call the token. None: the request is one of those that bring a token of their own."""
        caller: Caller | None = scope.get(self._caller)
        if caller is None:
            return ()
        return (ROOT_TOKEN,) if caller.token is None else (caller.token.id, caller.token.name)


def _lagging(counted: Counted, asked: Asked) -> str | None:
    """The path that lags because of this write, if the rule is about one."""
    match = counted.rule.match
    if match.pattern is None or (match.token and match.token not in asked.tokens):
        return None
    return match.pattern.read_after(asked.path)


def slow(send: Send, slow_ms: float) -> Send:
    """Spreads a body over so long."""
    if not slow_ms:
        return send

    async def send_slowly(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message.get("body", b"")
        size = -(-len(body) // SLOW_PIECES) or 1
        for start in range(0, len(body), size):
            await asyncio.sleep(slow_ms / 1000 / SLOW_PIECES)
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
        await send({**message, "body": b""})

    return send_slowly


def halved(send: Send) -> Send:
    """Lets the first half of the first piece of a body through, and no more."""
    over = False

    async def send_half(message: Message) -> None:
        nonlocal over
        if message["type"] == "http.response.start":
            await send(message)
        elif not over and (body := message.get("body", b"")):
            over = True
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})

    return send_half


async def _read_to_the_end(receive: Receive) -> None:
    """A client that is still sending would not see an early answer."""
    while (await receive()).get("more_body"):
        pass


async def _until_the_client_leaves(receive: Receive) -> None:
    try:
        async with asyncio.timeout(HANG_SECONDS_MAX):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
