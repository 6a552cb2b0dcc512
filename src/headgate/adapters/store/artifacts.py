"""Bundles kept in a folder, each named by what it holds.

One file a bundle: a line of JSON (metadata, and each module's name, type and size), then the modules' bytes.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from headgate.adapters.store.files import write_whole
from headgate.domain.artifact import Bundle, Module
from headgate.domain.errors import HeadgateError, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PREFIX = "sha256:"
_HEX_DIGITS = frozenset("0123456789abcdef")
KEPT = 20
_AGAIN = "Deploy again; the artifact is then built anew and goes through the gates."


class FolderArtifactStore:
    """The ArtifactStore port on a folder. It keeps the newest bundles, and those that are `in_use`."""

    def __init__(self, folder: Path, *, in_use: Callable[[], frozenset[str]] = frozenset) -> None:
        self._folder = folder
        self._in_use = in_use

    def keep(self, bundle: Bundle) -> str:
        content = _packed(bundle)
        key = _PREFIX + hashlib.sha256(content).hexdigest()
        # Only for its owner: the metadata may hold variables of the Worker.
        write_whole(self._path(key), content, mode=0o600, folder_mode=0o700)
        self._remove_old(key)
        return key

    def load(self, key: str) -> Bundle:
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise _missing(key) from error
        except OSError as error:
            raise HeadgateError(
                f"The artifact cannot be read: {error.strerror}.",
                where=str(self._path(key)),
                remedy="Check that you may read it, then run the command again.",
            ) from error
        if _PREFIX + hashlib.sha256(content).hexdigest() != key:
            raise HeadgateError(
                "The artifact is not what was stored: its digest is another one.",
                where=str(self._path(key)),
                remedy=f"Remove the file. {_AGAIN}",
            )
        return _unpacked(content)

    def _path(self, key: str) -> Path:
        name = key.removeprefix(_PREFIX)
        if name == key or len(name) != 64 or not _HEX_DIGITS.issuperset(name):
            raise _missing(key)
        return self._folder / f"{name}.bundle"

    def _remove_old(self, newest: str) -> None:
        named = {self._path(key).name for key in self._in_use() | {newest}}
        # Others may remove files at the same time; what is gone already is as wanted.
        with suppress(FileNotFoundError):
            newest_first = sorted(self._folder.glob("*.bundle"), key=_written_at, reverse=True)
            for path in newest_first[KEPT:]:
                if path.name not in named:
                    path.unlink()


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns


def _packed(bundle: Bundle) -> bytes:
    modules = [
        {"name": module.name, "content_type": module.content_type, "size": len(module.body)}
        for module in bundle.modules
    ]
    described = {"metadata": dict(bundle.metadata), "modules": modules}
    head = json.dumps(described, sort_keys=True, allow_nan=False)
    return b"\n".join([head.encode(), b"".join(module.body for module in bundle.modules)])


def _unpacked(content: bytes) -> Bundle:
    head, _, bodies = content.partition(b"\n")
    described = json.loads(head)
    modules, at = [], 0
    for each in described["modules"]:
        modules.append(Module(each["name"], each["content_type"], bodies[at : at + each["size"]]))
        at += each["size"]
    return Bundle(tuple(modules), described["metadata"])


def _missing(key: str) -> NotFound:
    return NotFound(
        f"There is no artifact {key}.",
        remedy=_AGAIN,
    )
