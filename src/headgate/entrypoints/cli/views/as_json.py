"""Records as data, for --json. Its keys are only ever added to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.entrypoints.cli.views.reading import new_version, split_now

if TYPE_CHECKING:
    from headgate.app.overview import EnvironmentStatus
    from headgate.domain.journal import Entry
    from headgate.domain.record import ChangeRecord, StepRecord


def change_as_json(record: ChangeRecord) -> dict[str, Any]:
    """A change as it went so far."""
    plan = record.plan
    return {
        **summary_as_json(record),
        "split": dict(split_now(record)),
        "artifact": record.change.arguments.get("artifact"),
        "rollback_plan": str(plan.rollback) if plan else None,
        "rollback_ready": record.rollback_ready,
        "gates": [gate.as_json() for gate in record.gates],
        "steps": [_step(step) for step in record.steps.values()],
        "watch": record.samples[-1] if record.samples else None,
        **rollout_as_json(record),
        "issues": record.issues,
        "notices": [dict(notice) for notice in record.notices],
        "documents": record.documents,
    }


def rollout_as_json(record: ChangeRecord) -> dict[str, Any]:
    """What the live view shows: the stage, and both versions' figures with bands and the evidence."""
    from headgate.domain.looks.look import last_look
    from headgate.domain.looks.standing import standing

    look, stands = last_look(record), standing(record)
    return {
        "stage": stands.as_json() if stands else None,
        "look": look.as_json() if look else None,
    }


def summary_as_json(record: ChangeRecord) -> dict[str, Any]:
    """A change in short, as `history` lists it."""
    change = record.change
    return {
        "change": change.id,
        "kind": change.kind.value,
        "service": change.target.service,
        "environment": change.target.environment,
        "author": str(change.author),
        "reason": change.reason,
        "phase": record.phase.value,
        "outcome": record.outcome.value if record.outcome else None,
        "automatic": record.automatic,
        "verdict": record.verdict,
        "version": new_version(record) or None,
        "proposed_at": record.proposed_at,
        "ended_at": record.ended_at or None,
    }


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """An entry of the journal, whole."""
    return {
        "seq": entry.seq,
        "at": entry.at,
        "event": entry.event.value,
        "change": entry.change_id,
        "subject": entry.subject,
        "actor": entry.actor,
        "data": dict(entry.data),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def status_as_json(status: EnvironmentStatus) -> dict[str, Any]:
    """What serves in an environment, and what runs there."""
    serving = status.serving
    deployment = serving and {
        "deployment": serving.id,
        "split": dict(serving.split),
        "since": serving.created_on,
        "by": serving.author,
        "message": serving.message,
    }
    return {
        "service": status.target.service,
        "environment": status.target.environment,
        "script": status.script,
        "serving": deployment,
        "unknown": status.unknown or None,
        "last_known_good": status.good_version or None,
        "open_change": summary_as_json(status.open_change) if status.open_change else None,
        "running": status.running,
        "last_change": summary_as_json(status.last_change) if status.last_change else None,
    }


def _step(step: StepRecord) -> dict[str, Any]:
    return {
        "name": step.name,
        "title": step.title,
        "state": step.state.value,
        "seconds": step.seconds,
        "verified": step.verified,
        "failure": step.failure or None,
        "calls": step.calls,
        "undo_calls": step.undo_calls,
    }
