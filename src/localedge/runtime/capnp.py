"""Cap'n Proto text, as far as workerd's configuration needs it.

Values: `str`, `int` and `bool` as they are, a mapping for a struct, a sequence for a list,
`Embed` for a file, and `None` for void.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

Value: TypeAlias = "str | int | bool | Embed | Mapping[str, Value] | Sequence[Value] | None"


@dataclass(frozen=True, slots=True)
class Embed:
    """The content of a file, read by workerd when it starts."""

    path: Path


def config(fields: Mapping[str, Value]) -> str:
    """A whole configuration file."""
    return (
        f'using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = {text(fields)};\n'
    )


def text(value: Value) -> str:
    """A value as Cap'n Proto text."""
    match value:
        case None:
            return "void"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return quoted(value)
        case Embed(path):
            return f"embed {quoted(str(path))}"
        case Mapping():
            return "(" + ", ".join(f"{name} = {text(field)}" for name, field in value.items()) + ")"
        case _:
            return "[" + ", ".join(text(item) for item in value) + "]"


def quoted(content: str) -> str:
    r"""A text literal. The parser knows `\xNN` for a byte, and no `\uNNNN`."""
    plain = (
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\' else f"\\x{byte:02x}"
        for byte in content.encode()
    )
    return '"' + "".join(plain) + '"'
