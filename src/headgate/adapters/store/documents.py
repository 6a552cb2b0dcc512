"""Reports and runbooks as files in the project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from headgate.adapters.store.files import write_whole
from headgate.domain.errors import HeadgateError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from headgate.ports import RunbookUpdate


class FolderDocuments:
    """The Documents port. The folders are relative to the project; paths come back relative to it too."""

    def __init__(self, project: Path, *, reports: str, runbooks: str) -> None:
        self._project = project
        self._reports = project / reports
        self._runbooks = project / runbooks

    def write_report(self, change_id: str, forms: Mapping[str, str]) -> tuple[str, ...]:
        written = []
        for form, text in forms.items():
            path = self._reports / f"{change_id}.{form}"
            write_whole(path, _bytes_of(text))
            written.append(self._told(path))
        return tuple(written)

    def write_runbook(self, service: str, update: RunbookUpdate) -> str:
        path = self._runbooks / f"{service}.md"
        current = _text_of(path)
        updated = update(current)
        if updated != current:
            write_whole(path, _bytes_of(updated))
        return self._told(path)

    def _told(self, path: Path) -> str:
        return os.path.relpath(path, self._project)


def _bytes_of(text: str) -> bytes:
    """As UTF-8. A `?` in a report is better than a change that cannot end."""
    return text.encode(errors="replace")


def _text_of(path: Path) -> str:
    """A file's text with its own line ends; empty if there is none."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise HeadgateError(
            f"The runbook is not UTF-8 text: {error.reason} at byte {error.start}.",
            where=str(path),
            remedy="Save it as UTF-8, then run the command again.",
        ) from error
    except OSError as error:
        raise HeadgateError(
            f"The runbook cannot be read: {error.strerror}.",
            where=str(path),
            remedy="Check that it is a file and that you may read it, then run the command again.",
        ) from error
