"""What D1 refuses, with the platform's codes (https://developers.cloudflare.com/d1/observability/debug-d1/)."""

from __future__ import annotations

from localedge.errors import Invalid, Missing, TooLarge

CODE_MALFORMED = 7400
CODE_DATABASE_MISSING = 7404
CODE_TOO_MANY_DATABASES = 7406
CODE_RESET = 7429
CODE_SQL = 7500
CODE_NAME_TAKEN = 7502
CODE_BINDING_DATABASE_MISSING = 10181


def malformed(what: str) -> Invalid:
    """The request makes no sense to D1."""
    return Invalid(CODE_MALFORMED, f"The request is malformed: {what}")


def database_missing(name: str) -> Missing:
    """There is no database of that id or name."""
    return Missing(CODE_DATABASE_MISSING, f"The database {name} could not be found")


def sql_refused(message: str) -> Invalid:
    """SQLite's own words."""
    return Invalid(CODE_SQL, message)


def database_reset() -> Invalid:
    """A query ran too long, or waited behind one that did; its changes are not kept.

    Not of a status that clients take for an invitation to try again at once.
    """
    return Invalid(CODE_RESET, "D1 DB exceeded its CPU time limit and was reset.")


def too_large(what: str) -> TooLarge:
    """A file or a body is larger than is taken here."""
    return TooLarge(CODE_MALFORMED, what)
