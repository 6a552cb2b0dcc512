"""What can go wrong, as a tree.

HeadgateError
├── ConfigError            headgate.toml or the wrangler configuration is wrong
├── ProjectError           something the project should have is missing (wrangler, a lock file, a build)
├── PlatformError          the platform did not do what was asked
│   ├── PlatformUnreachable    no answer
│   ├── PlatformRefused        the token is missing, wrong, or not allowed to
│   └── ScriptDoesNotStart     the platform ran the upload and it failed at start-up
├── ForeignChange          somebody else changed the deployment while a rollout ran
├── ChangeBusy             another change of the same folder is running
├── NotFound               no such change, environment, version or report
├── JournalError           the journal cannot be written or read
│   └── JournalBroken          its chain of hashes does not hold
└── StepFailed             an act or its verification failed

Each says what happened, where, and what to do next, in that order.
"""

from __future__ import annotations


class HeadgateError(Exception):
    """Something a person can act on: `what` happened, `where`, and the `remedy`."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.what}{place}{remedy}"


class ConfigError(HeadgateError):
    """A configuration file is wrong; `problems` holds every mistake found, one HeadgateError each."""

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", problems: tuple[HeadgateError, ...] = ()
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.problems = problems


class ProjectError(HeadgateError):
    """The project lacks something a release needs."""


class PlatformError(HeadgateError):
    """The platform answered with an error; `code` is its own number where it gave one."""

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", code: int = 0, status: int = 0
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.code = code
        self.status = status


class PlatformUnreachable(PlatformError):
    """No answer came from the platform."""


class PlatformRefused(PlatformError):
    """The platform does not accept the token for this."""


class ScriptDoesNotStart(PlatformError):
    """The uploaded script failed when the platform started it."""


class ForeignChange(HeadgateError):
    """Somebody else changed the deployment while a rollout ran."""


class ChangeBusy(HeadgateError):
    """Another change is running where this one would run."""


class NotFound(HeadgateError):
    """The thing that was named does not exist."""


class JournalError(HeadgateError):
    """The journal cannot be written or read."""


class JournalBroken(JournalError):
    """An entry of the journal is not what was written."""


class StepFailed(HeadgateError):
    """An act of a change, or its verification, failed."""
