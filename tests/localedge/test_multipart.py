"""Forms as wrangler, the SDK and curl send them."""

from __future__ import annotations

import pytest

from localedge.errors import Invalid
from localedge.multipart import PARTS_MAX, Part, parse_form

CONTENT_TYPE = "multipart/form-data; boundary=XX"
ES_MODULE = "application/javascript+module"


def form(*parts: tuple[str, bytes], end: bytes = b"--XX--\r\n") -> bytes:
    return b"".join(b"--XX\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n" for head, body in parts) + end


MODULE_HEAD = """\
Content-Disposition: form-data; name="a.js"; filename="src/a.js"\r
Content-Type: application/javascript+module; charset=utf-8"""


def test_fields_and_files_are_read_in_order() -> None:
    body = form(
        ('Content-Disposition: form-data; name="metadata"', b'{"a": 1}'),
        (MODULE_HEAD, b"export default {}"),
    )
    assert parse_form(CONTENT_TYPE, body) == [
        Part("metadata", "", "", b'{"a": 1}'),
        Part("a.js", "src/a.js", ES_MODULE, b"export default {}", f"{ES_MODULE}; charset=utf-8"),
    ]


def test_a_body_is_kept_byte_for_byte() -> None:
    raw = bytes(range(256)) + b"\r\n--X\r\n--XY"
    [part] = parse_form(CONTENT_TYPE, form(('Content-Disposition: form-data; name="value"', raw)))
    assert part.body == raw


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data", "text/plain; boundary=XX"]
)
def test_what_is_no_form_is_refused(content_type: str) -> None:
    with pytest.raises(Invalid):
        parse_form(content_type, b"{}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not a form",
        form(('Content-Disposition: form-data; name="a"', b"1"), end=b""),
        b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\ncut o',
    ],
)
def test_a_form_that_is_cut_off_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        parse_form(CONTENT_TYPE, body)


def test_the_number_of_parts_is_bounded() -> None:
    part = ('Content-Disposition: form-data; name="a"', b"")
    with pytest.raises(Invalid, match="at most"):
        parse_form(CONTENT_TYPE, form(*[part] * (PARTS_MAX + 1)))
