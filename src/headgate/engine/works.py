"""What the engine works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.changes.kind import Kind, Run
from headgate.domain.actor import HEADGATE
from headgate.domain.errors import HeadgateError
from headgate.domain.journal import Draft, Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.change import Target
    from headgate.domain.record import ChangeRecord
    from headgate.gates import Gate
    from headgate.ports import Documents, Notifier, Tools


@dataclass(frozen=True, slots=True)
class Works:
    """The ports, the kinds of change and the gates, by name."""

    tools: Tools
    kinds: Mapping[str, Kind]
    gates: Mapping[str, Gate]
    documents: Documents
    notifier: Notifier

    def kind_of(self, record: ChangeRecord) -> Kind:
        """The kind of a change."""
        return self.kinds[record.change.kind]

    def run_of(self, record: ChangeRecord) -> Run:
        """What the steps of a planned change work with."""
        if record.plan is None:
            raise HeadgateError(f"Change {record.change.id} has no plan yet.")
        return Run(record.change, record.plan, record.facts, self.tools)

    def write(self, record: ChangeRecord, *said: tuple[Event, Mapping[str, object]]) -> None:
        """Write entries about a change, in Headgate's own name."""
        self.write_about(record.change.target, record, *said)

    def write_about(
        self, target: Target, record: ChangeRecord, *said: tuple[Event, Mapping[str, object]]
    ) -> None:
        """The same about another target that the change touched."""
        change_id = record.change.id
        self.tools.journal.append(
            *(Draft(event, change_id, str(target), str(HEADGATE), data) for event, data in said)
        )
