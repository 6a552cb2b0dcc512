"""Tail sessions: who listens to which Worker, for how long, and which events they want."""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_MALFORMED, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

SESSIONS_MAX = 10
"""For each Worker, as on the platform."""

LIFETIME = datetime.timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class TailSession:
    """One listener. Its id is a secret: it is all that the websocket asks for."""

    id: str
    script: str
    expires: datetime.datetime
    filters: tuple[Mapping[str, Any], ...] = ()

    @property
    def expired(self) -> bool:
        return self.expires <= datetime.datetime.now(datetime.UTC)


class Tails:
    """The sessions. They live in memory: a listener that loses the edge asks for a new one."""

    def __init__(self) -> None:
        self._sessions: dict[str, TailSession] = {}

    def open(self, script: str, filters: tuple[Mapping[str, Any], ...]) -> TailSession:
        """A new session; `Invalid` when the Worker has as many as it may."""
        self._forget_expired()
        if len(self.of(script)) >= SESSIONS_MAX:
            message = f"Worker {script} has {SESSIONS_MAX} tail sessions already; end one of them first"
            raise Invalid(CODE_MALFORMED, message)
        expires = datetime.datetime.now(datetime.UTC) + LIFETIME
        session = TailSession(secrets.token_hex(16), script, expires, filters)
        self._sessions[session.id] = session
        return session

    def get(self, session_id: str) -> TailSession | None:
        self._forget_expired()
        return self._sessions.get(session_id)

    def of(self, script: str) -> list[TailSession]:
        return [session for session in self._sessions.values() if session.script == script]

    def close(self, session_id: str) -> None:
        self._sessions.pop(session_id, None)

    def close_all(self, script: str) -> None:
        for session in self.of(script):
            self.close(session.id)

    def _forget_expired(self) -> None:
        for session in [session for session in self._sessions.values() if session.expired]:
            self.close(session.id)
