"""Evidence: what binds the results of a test run to the artifact they were made with.

Beside each results file `FILE` lies its recording, `FILE.headgate.json`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_SUFFIX = ".headgate.json"


class NotARecording(ValueError):
    """The file is not a recording."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One run of the tests: on which artifact, with which results.

    `artifact` and `results` are digests (`sha256:...`), `recorded_at` is UTC in ISO 8601, `by` an actor.
    """

    artifact: str
    results: str
    command: tuple[str, ...]
    exit_code: int
    recorded_at: str
    by: str

    def as_json(self) -> dict[str, Any]:
        """The recording as its file holds it."""
        return {**asdict(self), "command": list(self.command)}

    @classmethod
    def from_json(cls, data: object) -> Recording:
        """Read what `as_json` made. Raises NotARecording, naming the field that is wrong."""
        if not isinstance(data, Mapping):
            raise NotARecording("it is not a table of fields")
        command, exit_code = data.get("command"), data.get("exit_code")
        if not isinstance(command, list) or not all(isinstance(part, str) for part in command):
            raise NotARecording("its field 'command' is missing or is not a list of texts")
        if not isinstance(exit_code, int) or isinstance(exit_code, bool):
            raise NotARecording("its field 'exit_code' is missing or is not a whole number")
        return cls(
            artifact=_text(data, "artifact"),
            results=_text(data, "results"),
            command=tuple(command),
            exit_code=exit_code,
            recorded_at=_text(data, "recorded_at"),
            by=_text(data, "by"),
        )


def recording_of(results_file: str) -> str:
    """The path of the recording that belongs to a results file."""
    return results_file + _SUFFIX


def is_recording(file: str) -> bool:
    """Whether a path is that of a recording, which a pattern such as `reports/*` matches as well."""
    return file.endswith(_SUFFIX)


def results_digest(body: bytes) -> str:
    """The digest that a recording holds of a results file."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _text(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str) or not value:
        raise NotARecording(f"its field {field!r} is missing or is not text")
    return value


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of the tests. `recorded` are the results it wrote; `stale` those left over from another run."""

    __test__ = False

    artifact: str
    command: tuple[str, ...]
    exit_code: int
    seconds: float
    recorded: tuple[str, ...]
    stale: tuple[str, ...]
