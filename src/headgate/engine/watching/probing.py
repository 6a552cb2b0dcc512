"""Requests of Headgate's own to the versions that are watched, in equal number, where nobody else comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headgate.changes.parts.smoke import address, http_checks
from headgate.domain.errors import HeadgateError

if TYPE_CHECKING:
    from headgate.domain.record import ChangeRecord
    from headgate.engine.works import Works

PROBES_MAX = 10
"""How many requests one look sends to a version at the most."""


def probed(works: Works, record: ChangeRecord, versions: tuple[str, ...]) -> dict[str, Any] | None:
    """Send them, taking turns; how many each version had and failed, or None if none could be sent."""
    script, clock = record.watch["script"], works.tools.clock
    checks = http_checks(works.tools)
    if not checks:
        return None
    try:
        base_url = address(works.tools, record.change.target.environment, script)
    except HeadgateError as error:
        works.tools.calls.note(f"no probe could be sent to {script}: {error.what}")
        return None
    begun, failed = clock.now(), dict.fromkeys(versions, 0)
    for number in range(PROBES_MAX):
        check = checks[number % len(checks)]
        for version_id in versions:
            result = works.tools.prober.run(check, base_url, script=script, version_id=version_id)
            failed[version_id] += not result.passed
    return {
        "begun": begun.isoformat(),
        "ended": clock.now().isoformat(),
        "counts": {version_id: [PROBES_MAX, failed[version_id]] for version_id in versions},
    }
