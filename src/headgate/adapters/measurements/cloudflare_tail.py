"""Cloudflare's live tail: the port `MetricSource`, seconds old, with the status of every answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from headgate.adapters.measurements.counting import moment_of
from headgate.adapters.measurements.tail_listener import TailListener
from headgate.domain.rollout.reading import HISTORY, Past, Reading
from headgate.domain.rollout.sources import TAIL
from headgate.domain.traffic import Counters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headgate.adapters.cloudflare.client import ApiClient
    from headgate.domain.rollout.reading import Mark
    from headgate.ports import Clock

DELAY_SECONDS = 3.0
_SAMPLED = "The platform left out events of the live tail, as it does at high traffic; what came is counted."


class CloudflareTail:
    """One listener for each Worker, as long as this process lives; nothing from before it is known."""

    def __init__(self, api: ApiClient, clock: Clock, *, delay_seconds: float = DELAY_SECONDS) -> None:
        self._api = api
        self._clock = clock
        self._delay = timedelta(seconds=delay_seconds)
        self._listeners: dict[str, TailListener] = {}

    def begin(self, script: str, versions: Sequence[str]) -> Mark:
        listener = self._listener(script)
        wanted = tuple(version for version in versions if version)
        mark = {"source": TAIL, "at": self._clock.now().isoformat(), "versions": list(wanted)}
        if not listener.is_connected:
            return mark
        heard = listener.heard(wanted)
        base = {version: counters.mark() for version, counters in heard.counters.items()}
        past = [Past(stretch.seconds, stretch.counters).as_json() for stretch in listener.past()]
        return {**mark, "epoch": heard.epoch, "base": base, HISTORY: past}

    def since(self, script: str, mark: Mark) -> Reading:
        """Counts since listening began, but never from before the mark.

        Whoever takes a change up begins to listen anew: a new epoch.
        """
        began = moment_of(mark, TAIL)
        heard = self._listener(script).heard(tuple(mark["versions"]))
        notes = [_SAMPLED] if heard.is_sampled else []
        if heard.not_understood:
            notes.append(f"{heard.not_understood} messages of the live tail could not be understood.")
        as_of = max(self._clock.now() - self._delay, began)
        counters = _since(heard.counters, mark.get("base", {}) if mark.get("epoch") == heard.epoch else {})
        return Reading(as_of, counters, notes=tuple(notes), epoch=heard.epoch)

    def listen(self, script: str) -> None:
        """Begin to listen, so that a mark that is made later can tell of the time before it."""
        self._listener(script)

    def check(self, script: str) -> str:
        """Open a session and wait until it is connected. Raises PlatformError."""
        listener = self._listener(script)
        for _ in range(50):
            if listener.is_connected:
                break
            self._clock.sleep(0.1)
        listener.heard(())
        return f"the live tail of {script} is connected"

    def close(self) -> None:
        """Stop listening."""
        while self._listeners:
            self._listeners.popitem()[1].stop()

    def _listener(self, script: str) -> TailListener:
        if script not in self._listeners:
            self._listeners[script] = TailListener(self._api, script)
            self._listeners[script].start()
        return self._listeners[script]


def _since(counters: Mapping[str, Counters], base: Mapping[str, Any]) -> dict[str, Counters]:
    return {
        version: counted.since(Counters.from_mark(base[version])) if version in base else counted
        for version, counted in counters.items()
    }
