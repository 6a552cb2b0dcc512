"""Reading `multipart/form-data`: part names, file names, content types and raw bytes, in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from localedge.errors import CODE_MALFORMED, Invalid

PARTS_MAX = 2_000


@dataclass(slots=True)
class Part:
    """One part of a form. `filename` is empty for a plain field; `full_content_type` has its parameters."""

    name: str = ""
    filename: str = ""
    content_type: str = ""
    body: bytes = b""
    full_content_type: str = ""


@dataclass(slots=True)
class _Collector:
    """Gathers what the parser calls back with."""

    parts: list[Part] = field(default_factory=list)
    complete: bool = False
    _headers: dict[str, bytes] = field(default_factory=dict)
    _name: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _body: bytearray = field(default_factory=bytearray)

    def begin(self) -> None:
        if len(self.parts) == PARTS_MAX:
            raise Invalid(CODE_MALFORMED, f"a form may have at most {PARTS_MAX} parts")
        self._headers = {}
        self._body = bytearray()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def data(self, data: bytes, start: int, end: int) -> None:
        self._body += data[start:end]

    def finish(self) -> None:
        self.complete = True

    def end(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        content_type = self._headers.get("content-type", b"").decode("latin-1")
        self.parts.append(
            Part(
                name=_text(options.get(b"name", b"")),
                filename=_text(options.get(b"filename", b"")),
                content_type=content_type.partition(";")[0].strip().lower(),
                body=bytes(self._body),
                full_content_type=content_type,
            )
        )


def parse_form(content_type: str, body: bytes) -> list[Part]:
    """The parts of a form; `Invalid` when it is not one."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Invalid(CODE_MALFORMED, "expected a multipart/form-data body with a boundary")
    collector = _Collector()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": collector.begin,
            "on_header_field": collector.header_name,
            "on_header_value": collector.header_value,
            "on_header_end": collector.header_end,
            "on_part_data": collector.data,
            "on_part_end": collector.end,
            "on_end": collector.finish,
        },
    )
    try:
        parser.write(body)
    except FormParserError as error:
        raise Invalid(CODE_MALFORMED, f"the multipart body cannot be read: {error}") from error
    if not collector.complete:
        raise Invalid(CODE_MALFORMED, "the multipart body ends before its last boundary")
    return collector.parts


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
