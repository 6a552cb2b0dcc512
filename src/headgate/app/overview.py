"""What serves where, and what runs: the answer to `headgate status`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.changes.parts.known_good import known_good
from headgate.domain.change import Target
from headgate.domain.errors import ConfigError, HeadgateError
from headgate.domain.journal import Event
from headgate.domain.record import ChangeRecord, record_of

if TYPE_CHECKING:
    from headgate.app.parts import Parts
    from headgate.domain.traffic import Deployment


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """One environment as it is now.

    `serving` is None where nothing is deployed, or where the platform could not be asked; then `unknown` says
    why. `good_version` is the last known good one ('' if there is none). `open_change` is one that is not
    closed; `running` says whether some process runs it, or it was interrupted. `last_change` is the newest
    one, if it has ended.
    """

    target: Target
    script: str
    serving: Deployment | None
    unknown: str
    good_version: str
    open_change: ChangeRecord | None
    running: bool
    last_change: ChangeRecord | None = None


def overview(
    parts: Parts, environments: tuple[str, ...], running: tuple[str, ...]
) -> list[EnvironmentStatus]:
    """The status of each environment. A platform that does not answer is told, not raised."""
    records = [record_of(parts.journal.of_change(change_id)) for change_id in parts.journal.open_changes()]
    return [_status(parts, environment, records, running) for environment in environments]


def _status(
    parts: Parts, environment: str, records: list[ChangeRecord], running: tuple[str, ...]
) -> EnvironmentStatus:
    target = Target(parts.settings.service, environment)
    script, serving, unknown = _serving(parts, environment)
    here = [record for record in records if record.change.target == target]
    return EnvironmentStatus(
        target=target,
        script=script,
        serving=serving,
        unknown=unknown,
        good_version=known_good(parts.journal, target),
        open_change=here[-1] if here else None,
        running=bool(here) and here[-1].change.id in running,
        last_change=_last_change(parts, target),
    )


def _last_change(parts: Parts, target: Target) -> ChangeRecord | None:
    """The newest change of an environment, unless it has not ended."""
    for entry in parts.journal.recent(str(target), Event.CHANGE_PROPOSED, limit=1):
        record = record_of(parts.journal.of_change(entry.change_id))
        return record if record.outcome else None
    return None


def _serving(parts: Parts, environment: str) -> tuple[str, Deployment | None, str]:
    script = ""
    try:
        script = parts.script(environment)
        return script, parts.platform.deployment(script), ""
    except ConfigError:
        raise
    except HeadgateError as error:
        return script, None, str(error)
