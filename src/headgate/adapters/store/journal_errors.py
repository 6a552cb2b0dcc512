"""SQLite's errors as ours: what happened, in which file, and what to do."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from headgate.domain.errors import JournalBroken, JournalError
from headgate.domain.journal import BY_HAND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_DAMAGED = (
    "The journal's file is damaged or is no journal",
    "Restore it from a copy, or move it away to begin a new one; what it recorded is then lost to Headgate.",
)
_NOT_WRITABLE = (
    "The journal cannot be written",
    "Give yourself the right to write to the file and its folder.",
)
_FAMILIES: Mapping[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "The disk is full, so the journal cannot be written",
        "Make room on the disk, then run the command again; it goes on where it stopped.",
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk answered with an error, so the journal cannot be used",
        "Check the disk (space, quota, health), then run the command again; it goes on where it stopped.",
    ),
    sqlite3.SQLITE_BUSY: (
        "Another program holds the journal locked",
        "Find out which one (`fuser` names it), end it, and run the command again.",
    ),
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_PERM: _NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: (
        "The journal cannot be opened",
        "Check that its folder exists and that you may read and write there.",
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
_OTHER = ("The journal cannot be used", "Run `headgate doctor`, then the command again.")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise into JournalError; JournalBroken for a damaged file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _of_sqlite(error, path) from error
    except UnicodeEncodeError as error:
        raise JournalError(
            f"The journal takes text only, and was given {error.object!r}.",
            where=str(path),
            remedy="Use plain text for names and reasons.",
        ) from error
    except OSError as error:
        raise JournalError(
            f"The journal's folder cannot be made: {os.strerror(error.errno or 0)}.",
            where=str(path.parent),
            remedy=f"Check that you may write there. {BY_HAND}",
        ) from error


def _of_sqlite(error: sqlite3.Error, path: Path) -> JournalError:
    what, remedy = _family(error)
    kind = JournalBroken if (what, remedy) == _DAMAGED else JournalError
    return kind(f"{what}: {error}.", where=str(path), remedy=f"{remedy} {BY_HAND}")


def _family(error: sqlite3.Error) -> tuple[str, str]:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Not from SQLite but from Python's module: a text in the file is no UTF-8.
        return _DAMAGED if isinstance(error, sqlite3.OperationalError) else _OTHER
    # The low byte is the family; the rest says more closely what it was, which the text has too.
    return _FAMILIES.get(code & 0xFF, _OTHER)
