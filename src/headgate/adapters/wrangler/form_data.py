"""Reads the multipart form that `wrangler deploy --outfile` writes: the exact upload. Nothing is guessed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from headgate.domain.artifact import Bundle, Module

if TYPE_CHECKING:
    from collections.abc import Mapping

_DELIMITER = re.compile(rb"--([^\r\n]{1,200})\r\n")
_DISPOSITION = re.compile(r'form-data; name="([^"]*)"(?:; filename="([^"]*)")?')
_CRLF = b"\r\n"


class NotAnUpload(ValueError):
    """What was written is not the form that was expected."""


def parse(form: bytes) -> Bundle:
    """The bundle in a form. Raises NotAnUpload."""
    metadata: Mapping[str, Any] | None = None
    modules: dict[str, Module] = {}
    for name, content_type, body in map(_part, _parts(form)):
        if name == "metadata" and not content_type:
            metadata = _metadata(body)
        elif not content_type or name in modules:
            raise NotAnUpload(f"the part {name!r} is no module, or is there twice")
        else:
            modules[name] = Module(name, content_type, body)
    if metadata is None:
        raise NotAnUpload("it has no metadata")
    main = metadata.get("main_module") or metadata.get("body_part")
    if main not in modules:
        raise NotAnUpload(f"its main module {main!r} is missing")
    return Bundle(tuple(modules.values()), metadata)


def _parts(form: bytes) -> list[bytes]:
    start = _DELIMITER.match(form)
    if start is None:
        raise NotAnUpload("it does not begin with a delimiter")
    delimiter = b"--" + start[1]
    first, *others = (_CRLF + form).split(_CRLF + delimiter)
    *parts, end = others
    if first or end not in (b"--", b"--" + _CRLF) or not all(part.startswith(_CRLF) for part in parts):
        raise NotAnUpload("it does not end with its delimiter: it was cut off")
    return [part[len(_CRLF) :] for part in parts]


def _part(part: bytes) -> tuple[str, str, bytes]:
    """A part's name, content type ('' for a plain field), and body."""
    head, found, body = part.partition(_CRLF + _CRLF)
    if not found:
        raise NotAnUpload("a part has no body")
    headers = dict(_header(line) for line in head.decode().split("\r\n"))
    disposition = _DISPOSITION.fullmatch(headers.pop("content-disposition", ""))
    content_type = headers.pop("content-type", "")
    if disposition is None or headers:
        raise NotAnUpload(f"a part has headers that are not known: {head[:200]!r}")
    return _unquoted(disposition[1]), content_type, body


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _metadata(body: bytes) -> Mapping[str, Any]:
    try:
        metadata = json.loads(body)
    except ValueError as error:
        raise NotAnUpload(f"its metadata is not JSON: {error}") from error
    if not isinstance(metadata, dict):
        raise NotAnUpload("its metadata is not an object")
    return metadata


def _unquoted(name: str) -> str:
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
