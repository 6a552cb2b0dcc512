"""Reads the project's wrangler configuration: JSON with comments, or TOML."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pyjson5

from headgate.domain.errors import ConfigError
from headgate.domain.settings import WRANGLER_FILES
from headgate.domain.texts import toml_error
from headgate.domain.wrangler_file import WranglerFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_configuration(project: Path, name: str = "") -> WranglerFile:
    """Read the named file, or the first that wrangler would find. Raises ConfigError."""
    path = _found(project, name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The wrangler configuration cannot be read: {error}.",
            where=str(path),
            remedy="See that the file is there, is readable, and is UTF-8.",
        ) from error
    shown = path.relative_to(project) if path.is_relative_to(project) else path
    return WranglerFile(path=str(shown), text=text, data=parse(text, str(shown)))


def parse(text: str, path: str) -> Mapping[str, Any]:
    """What a configuration says. Raises ConfigError, with the line."""
    try:
        data = tomllib.loads(text) if path.endswith(".toml") else pyjson5.decode(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(toml_error(str(error)), path) from error  # it tells the line itself
    except pyjson5.Json5DecoderException as error:
        raise _unreadable(_what(error), f"{path}:{_line(error, text)}") from error
    if not isinstance(data, dict):
        raise _unreadable("it holds no object", path)
    return data


def _found(project: Path, name: str) -> Path:
    for candidate in (name,) if name else WRANGLER_FILES:
        if (project / candidate).is_file():
            return project / candidate
    raise ConfigError(
        "There is no wrangler configuration here.",
        where=str(project / name if name else project),
        remedy=f"Put {' or '.join(WRANGLER_FILES)} beside headgate.toml, or set `wrangler_config`.",
    )


def _unreadable(what: str, where: str) -> ConfigError:
    return ConfigError(
        f"The wrangler configuration cannot be read: {what}.", where=where, remedy="Mend the file."
    )


def _what(error: pyjson5.Json5DecoderException) -> str:
    if isinstance(error, pyjson5.Json5EOF):
        return "it ends before what begins here is closed"
    found = error.args[2]
    return f"{found.decode() if isinstance(found, bytes) else repr(found)} is not expected here"


def _line(error: pyjson5.Json5DecoderException, text: str) -> int:
    """Where the mistake is. The parser tells how many characters it had read."""
    near = re.search(r"near (\d+)", str(error.args[0]))
    at = max(0, int(near[1]) - 1) if near else 0
    if isinstance(error, pyjson5.Json5ExtraData):  # it had read up to the end of the value before
        at = text.find(str(error.args[2]), at + 1)
    return text.count("\n", 0, at) + 1
