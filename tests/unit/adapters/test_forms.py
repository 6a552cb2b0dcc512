"""The multipart form: what wrangler writes is read strictly, and what we send reads the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.adapters.cloudflare.upload_form import notes, upload_form
from headgate.adapters.wrangler.form_data import NotAnUpload, parse
from headgate.domain.artifact import Bundle, Module

SCRIPT = "application/javascript+module"

names = st.text(st.characters(codec="utf-8", exclude_characters="%"), min_size=1).filter(
    lambda n: n != "metadata"
)
bodies = st.binary() | st.sampled_from([b"\r\n", b"--", b"\r\n--", b"\r\n--headgate-", b"\r\n\r\n"])
modules = st.lists(
    st.builds(Module, names, st.sampled_from([SCRIPT, "text/plain", "application/wasm"]), bodies),
    min_size=1,
    max_size=4,
    unique_by=lambda module: module.name,
)

FROM_WRANGLER = (
    b"------formdata-undici-026645349356\r\n"
    b'Content-Disposition: form-data; name="metadata"\r\n\r\n'
    b'{"main_module":"index.js","bindings":[]}\r\n'
    b"------formdata-undici-026645349356\r\n"
    b'Content-Disposition: form-data; name="index.js"; filename="index.js"\r\n'
    b"Content-Type: application/javascript+module\r\n\r\n"
    b"export default {}\n\r\n"
    b"------formdata-undici-026645349356\r\n"
    b'Content-Disposition: form-data; name="./9f-t.txt"; filename="./9f-t.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\n"
    b"\r\n--not the end\r\n\r\n"
    b"------formdata-undici-026645349356--\r\n"
)


def test_what_wrangler_writes_is_read() -> None:
    bundle = parse(FROM_WRANGLER)
    assert bundle.metadata == {"main_module": "index.js", "bindings": []}
    assert bundle.modules == (
        Module("index.js", SCRIPT, b"export default {}\n"),
        Module("./9f-t.txt", "text/plain", b"\r\n--not the end\r\n"),
    )


def test_no_beginning_of_it_passes_for_the_whole() -> None:
    for length in range(len(FROM_WRANGLER) - 2):
        with pytest.raises(NotAnUpload):
            parse(FROM_WRANGLER[:length])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'name="metadata"', b'name="other"', "no module"),
        (b'"index.js","bindings"', b'"gone.js","bindings"', "main module 'gone.js' is missing"),
        (b'{"main_module"', b'["main_module"', "not JSON"),
        (b'{"main_module":"index.js","bindings":[]}', b"[]", "not an object"),
        (b'name="./9f-t.txt"', b'name="index.js"', "twice"),
        (b"Content-Type: text/plain", b"X-What: text/plain", "not known"),
        (b"form-data; name", b"attachment; name", "not known"),
        (b"------formdata", b"what\r\n------formdata", "begin"),
    ],
)
def test_what_is_not_understood_is_told(old: bytes, new: bytes, says: str) -> None:
    with pytest.raises(NotAnUpload, match=says):
        parse(FROM_WRANGLER.replace(old, new, 1))


def test_an_empty_file_is_no_upload() -> None:
    with pytest.raises(NotAnUpload):
        parse(b"")


@given(modules)
def test_what_we_send_reads_as_what_was_built(parts: list[Module]) -> None:
    bundle = Bundle(
        tuple(parts), {"main_module": parts[0].name, "bindings": [{"name": "ü", "type": "plain_text"}]}
    )
    body, content_type = upload_form(bundle, message="m", tag="t1")
    sent = parse(body)
    assert sent.modules == bundle.modules
    assert sent.digest == bundle.digest
    assert sent.metadata == {
        **bundle.metadata,
        "annotations": {"workers/message": "m", "workers/tag": "t1"},
    }
    boundary = content_type.removeprefix("multipart/form-data; boundary=")
    assert body.startswith(f"--{boundary}\r\n".encode())
    assert body.count(f"--{boundary}".encode()) == len(parts) + 2
    assert len(boundary) <= 70  # RFC 2046, 5.1.1


def test_annotations_that_are_there_are_kept() -> None:
    bundle = Bundle((Module("a", SCRIPT, b""),), {"main_module": "a", "annotations": {"workers/alias": "x"}})
    metadata = parse(upload_form(bundle, message="m", tag="")[0]).metadata
    assert json.loads(json.dumps(metadata["annotations"])) == {"workers/alias": "x", "workers/message": "m"}
    assert bundle.metadata["annotations"] == {"workers/alias": "x"}


@given(st.text())
def test_a_message_is_one_line_of_at_most_120_characters(text: str) -> None:
    message = notes(message=text)["workers/message"]
    assert len(message) <= 120
    assert "\n" not in message
    if len(text) <= 120 and text == " ".join(text.split()):
        assert message == text
