"""The text of headgate.toml, and the errors of text that is not TOML."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from headgate.domain.errors import ConfigError
from headgate.domain.texts import toml_error

if TYPE_CHECKING:
    from pathlib import Path

SIZE_MAX_BYTES = 1_000_000


def read(file: Path, name: str) -> bytes:
    """The file's bytes. Raises ConfigError where it cannot be read."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(SIZE_MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(
            "There is no headgate.toml.",
            where=name,
            remedy="`headgate init` writes one from the wrangler configuration.",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{name} cannot be read: {error.strerror}.",
            where=name,
            remedy="Make it a file that you may read.",
        ) from error
    if len(raw) > SIZE_MAX_BYTES:
        raise ConfigError(
            f"{name} is larger than {SIZE_MAX_BYTES // 1000} kB.",
            where=name,
            remedy="It holds settings only; is it the right file?",
        )
    return raw


def decoded(raw: bytes, name: str) -> str:
    """The text, without the mark that some editors put first. Raises ConfigError where it is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{name} is not UTF-8.", where=f"{name}:{line}", remedy="Save the file as UTF-8."
        ) from None


def parse(raw: bytes, name: str) -> dict[str, Any]:
    """The TOML document. Raises ConfigError with line and column where it is none."""
    content = decoded(raw, name)
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        what, place = _told(toml_error(str(error)), content)
        raise ConfigError(
            f"{name} is not TOML: {what}.",
            where=f"{name}:{place}",
            remedy="Mend that place; https://toml.io/en/v1.0.0 says how it is written.",
        ) from None
    except RecursionError:
        raise ConfigError(
            f"{name} is nested too deeply to be read.", where=name, remedy="Take the nested brackets out."
        ) from None


def _told(message: str, content: str) -> tuple[str, str]:
    """Tomllib's message in two: what is wrong, and `line:column`."""
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message, re.DOTALL)
    if found:
        return found[1], f"{found[2]}:{found[3]}"
    lines = content.rstrip().splitlines() or [""]
    return (
        f"{message.removesuffix(' (at end of document)')} before the file ends",
        f"{len(lines)}:{len(lines[-1]) + 1}",
    )
