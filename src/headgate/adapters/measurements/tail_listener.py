"""Listens to one Worker's live tail in a thread of its own, and begins anew when the connection is lost."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

from headgate.adapters.cloudflare.client import ApiCall
from headgate.adapters.measurements.tail_counts import TailCounts
from headgate.domain.errors import HeadgateError, PlatformError

if TYPE_CHECKING:
    from headgate.adapters.cloudflare.client import ApiClient
    from headgate.adapters.measurements.tail_counts import Stretch
    from headgate.domain.traffic import Counters

SUBPROTOCOL = "trace-v1"
MESSAGE_BYTES_MAX = 4 << 20
MESSAGES_WAITING_MAX = 1024
"""When more wait to be counted the connection is slowed down, and the platform leaves events out."""
OPEN_SECONDS = 15.0
LOOK_SECONDS = 0.5
FIRST_PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.5, 30.0
PAST_SECONDS_MIN = 10.0
"""A shorter time says nothing of the past."""
BEFORE_EXPIRY = timedelta(seconds=60)


class Session(NamedTuple):
    """A tail session. Its address is a secret: who has it can read what users send."""

    id: str
    url: str
    expires: datetime


class Heard(NamedTuple):
    """Counts of one uninterrupted time of listening, which is its epoch."""

    epoch: str
    counters: dict[str, Counters]
    is_sampled: bool
    not_understood: int


class TailListener:
    """One thread. What it counts is asked for from another."""

    def __init__(self, api: ApiClient, script: str) -> None:
        self._api = api
        self._script = script
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._counts: TailCounts | None = None
        self._epoch = ""
        self._problem = "it is still connecting"
        self._thread = threading.Thread(target=self._run, name=f"tail of {script}", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and end the session. Waits a moment for the thread."""
        self._stopping.set()
        self._thread.join(OPEN_SECONDS)

    @property
    def is_connected(self) -> bool:
        """Whether it hears now."""
        with self._lock:
            return self._counts is not None

    def heard(self, versions: tuple[str, ...]) -> Heard:
        """What was counted since it listens. Raises PlatformError while it does not."""
        with self._lock:
            if self._counts is None:
                raise PlatformError(
                    f"The live tail of {self._script} is not connected: {self._problem}.",
                    where=f"tail of {self._script}",
                    remedy="It is tried again and again; what happens meanwhile is not counted.",
                )
            counts = self._counts
            return Heard(self._epoch, counts.counters(versions), counts.is_sampled, counts.not_understood)

    def past(self) -> tuple[Stretch, ...]:
        """What was heard until now, by the minute; nothing where it does not listen."""
        with self._lock:
            if self._counts is None:
                return ()
            self._counts.tick(time.monotonic(), at_least_seconds=PAST_SECONDS_MIN)
            return self._counts.stretches

    def _run(self) -> None:
        pause_seconds = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            began = time.monotonic()
            problem = self._listen_once()
            self._lose(problem)
            if time.monotonic() - began > PAUSE_SECONDS_MAX:
                pause_seconds = FIRST_PAUSE_SECONDS
            self._stopping.wait(pause_seconds)
            pause_seconds = min(2 * pause_seconds, PAUSE_SECONDS_MAX)

    def _listen_once(self) -> str:
        """Open a session and count until it ends; why it ended, without its address."""
        try:
            session = self._api.read(self._call("POST", body=b'{"filters": []}'), session_of)
        except HeadgateError as error:
            return error.what
        from websockets.exceptions import WebSocketException

        try:
            self._receive(session)
        except (OSError, WebSocketException) as error:
            return f"the connection ended ({type(error).__name__})"
        finally:
            self._end(session)
        return "the session has ended"

    def _receive(self, session: Session) -> None:
        from websockets.sync.client import connect
        from websockets.typing import Subprotocol

        with connect(
            session.url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            open_timeout=OPEN_SECONDS,
            close_timeout=LOOK_SECONDS,
            max_size=MESSAGE_BYTES_MAX,
            max_queue=MESSAGES_WAITING_MAX,
            proxy=None if _is_here(session.url) else True,
        ) as socket:
            socket.send(json.dumps({"debug": False}))
            counts = self._begin_epoch()
            while not self._stopping.is_set() and datetime.now(UTC) < session.expires - BEFORE_EXPIRY:
                try:
                    message = socket.recv(timeout=LOOK_SECONDS)
                except TimeoutError:
                    message = b""
                with self._lock:
                    counts.tick(time.monotonic())
                    if message:
                        counts.take(message)

    def _begin_epoch(self) -> TailCounts:
        with self._lock:
            self._counts = TailCounts()
            self._epoch = datetime.now(UTC).isoformat()
            return self._counts

    def _lose(self, problem: str) -> None:
        with self._lock:
            self._counts, self._problem = None, problem

    def _end(self, session: Session) -> None:
        """Give the session back: a Worker has ten at most. One that cannot be ended expires."""
        with suppress(PlatformError):
            self._api.call(self._call("DELETE", session.id))

    def _call(self, method: str, *below: str, body: bytes | None = None) -> ApiCall:
        parts = (self._script, "tails", *below)
        path = "/".join(["/accounts/{account}/workers/scripts", *(quote(part, safe="") for part in parts)])
        return ApiCall(method, path, body=body)


def session_of(result: Any) -> Session:  # noqa: ANN401 - JSON can be anything
    """The session that was made."""
    expires = datetime.fromisoformat(str(result["expires_at"]))
    return Session(str(result["id"]), str(result["url"]), expires.astimezone(UTC))


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "127.0.0.1", "::1")
