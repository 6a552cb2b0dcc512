"""The recording of a test run."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.domain.evidence import NotARecording, Recording, recording_of, results_digest

texts = st.text(min_size=1, max_size=20)
recordings = st.builds(
    Recording,
    artifact=texts,
    results=texts,
    command=st.lists(st.text(max_size=9), max_size=4).map(tuple),
    exit_code=st.integers(-64, 255),
    recorded_at=texts,
    by=texts,
)
RIGHT = Recording("sha256:a", "sha256:b", ("npm", "test"), 0, "2026-03-14T09:26:53Z", "person:ann").as_json()


@given(recordings)
def test_what_is_written_is_read_back(recording: Recording) -> None:
    assert Recording.from_json(json.loads(json.dumps(recording.as_json()))) == recording


@pytest.mark.parametrize("field", sorted(RIGHT))
@pytest.mark.parametrize("value", [None, True, 1.5, {}, [1]])
def test_a_field_of_another_kind_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(NotARecording, match=field):
        Recording.from_json({**RIGHT, field: value})


@pytest.mark.parametrize("data", [None, [], "text", {}])
def test_anything_else_is_refused(data: object) -> None:
    with pytest.raises(NotARecording):
        Recording.from_json(data)


@given(st.binary(max_size=100), st.integers(0, 99), st.integers(1, 255))
def test_one_changed_byte_changes_the_digest(body: bytes, place: int, change: int) -> None:
    if place >= len(body):
        body = body.ljust(place + 1, b"-")
    edited = bytes(byte ^ change if number == place else byte for number, byte in enumerate(body))

    assert results_digest(edited) != results_digest(body)


def test_it_lies_beside_the_results() -> None:
    assert recording_of("reports/junit.xml") == "reports/junit.xml.headgate.json"
