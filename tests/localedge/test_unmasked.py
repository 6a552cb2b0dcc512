"""Frames without a mask get one that changes nothing, however the stream is cut."""

from __future__ import annotations

import itertools

import pytest

from localedge.unmasked import Masker

TEXT = 0x81
ZEROS = bytes(4)


def frame(body: bytes, mask: bytes = b"") -> bytes:
    flag = 0x80 if mask else 0
    if len(body) < 126:
        head = bytes((TEXT, flag | len(body)))
    elif len(body) < 65536:
        head = bytes((TEXT, flag | 126)) + len(body).to_bytes(2, "big")
    else:
        head = bytes((TEXT, flag | 127)) + len(body).to_bytes(8, "big")
    masked = bytes(one ^ key for one, key in zip(body, itertools.cycle(mask), strict=False)) if mask else body
    return head + mask + masked


BODIES = [b"", b"{}", b"x" * 125, b"y" * 126, b"z" * 65535, b"w" * 65536]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000, 10**6])
def test_a_stream_is_handed_on_whole(step: int) -> None:
    masked = [frame(body, b"\x01\x02\x03\x04") for body in BODIES]
    stream = b"".join(frame(body) + other for body, other in zip(BODIES, masked, strict=True))
    expected = b"".join(frame(body, ZEROS) + other for body, other in zip(BODIES, masked, strict=True))
    masker = Masker()
    got = b"".join(masker.feed(stream[start : start + step]) for start in range(0, len(stream), step))
    assert got == expected


def test_half_a_head_is_kept_back() -> None:
    masker = Masker()
    assert masker.feed(b"\x81") == b""
    assert masker.feed(b"\x02h") == b"\x81\x82" + ZEROS + b"h"
    assert masker.feed(b"i") == b"i"
