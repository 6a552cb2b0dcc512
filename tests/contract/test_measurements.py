"""What every source of measurements promises, against each of them and the fake."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from headgate.domain.errors import HeadgateError
from headgate.domain.rollout.intervals import Versions, unsound
from headgate.domain.rollout.reading import Reading, history_of
from headgate.domain.traffic import total
from tests.contract.measuring import SECRET, EdgeStand, MemoryStand, MonitoringStand, Stand

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDS = (
    "memory",
    "prometheus",
    "datadog",
    pytest.param("counters", marks=pytest.mark.e2e),
    pytest.param("analytics", marks=pytest.mark.e2e),
    pytest.param("tail", marks=pytest.mark.e2e),
)


@pytest.fixture(name="stand", params=STANDS)
def a_stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    with ExitStack() as closing:
        if request.param == "memory":
            yield MemoryStand()
        elif request.param in ("prometheus", "datadog"):
            yield MonitoringStand(request.param, closing)
        else:
            yield EdgeStand(request.param, request.getfixturevalue("edge_folder"), closing)


def figures(reading: Reading, version: str) -> tuple[int, int]:
    counters = reading.counters[version]
    return counters.requests, counters.errors


def test_it_counts_requests_and_errors_by_version_since_the_mark(stand: Stand) -> None:
    old, new = stand.versions
    stand.serve(old, 200, stand.failing)
    mark = stand.source.begin(stand.script, stand.versions)
    stand.serve(old, 200, 200, 404)
    stand.serve(new, 200, stand.failing, stand.failing)

    reading = stand.read(mark, requests=6)

    assert (figures(reading, old), figures(reading, new)) == ((3, 0), (3, 2))
    assert unsound(reading, Versions(new, old)) == ""


def test_readings_are_cumulative_and_nothing_counts_twice(stand: Stand) -> None:
    old, new = stand.versions
    mark = stand.source.begin(stand.script, stand.versions)
    stand.serve(new, 200, 200)
    stand.serve(old, 200)
    first = stand.read(mark, requests=3)
    again = stand.read(mark, requests=3)
    stand.serve(new, stand.failing)
    last = stand.read(mark, requests=4)

    assert [figures(reading, new) for reading in (first, again, last)] == [(2, 0), (2, 0), (3, 1)]
    assert first.as_of <= again.as_of <= last.as_of
    assert first.epoch == again.epoch == last.epoch


def test_a_version_without_requests_has_zero(stand: Stand) -> None:
    old, new = stand.versions
    mark = stand.source.begin(stand.script, stand.versions)
    stand.serve(old, 200)

    assert figures(stand.read(mark, requests=1), new) == (0, 0)


def test_an_answer_with_status_500_is_an_error_where_statuses_are_seen(stand: Stand) -> None:
    _, new = stand.versions
    mark = stand.source.begin(stand.script, stand.versions)
    stand.serve(new, 500, 503, 404)

    reading = stand.read(mark, requests=3)

    assert figures(reading, new) == (3, 2 if stand.sees_status else 0)
    assert stand.sees_status or "status 500" in " ".join(reading.notes)


def test_marks_and_readings_are_json(stand: Stand) -> None:
    old, _ = stand.versions
    mark = json.loads(json.dumps(stand.source.begin(stand.script, stand.versions)))
    stand.serve(old, 200, stand.failing)
    reading = stand.read(mark, requests=2)

    assert Reading.from_json(json.loads(json.dumps(reading.as_json()))) == reading
    assert isinstance(history_of(mark), tuple)


def test_the_time_before_the_mark_is_that_of_the_versions_or_is_not_told(stand: Stand) -> None:
    old, _ = stand.versions
    stand.serve(old, 200, stand.failing)
    mark = stand.source.begin(stand.script, stand.versions)
    past = history_of(mark)

    assert all(one.seconds > 0 for one in past)
    assert {version for one in past for version in one.counters} <= set(stand.versions)
    counted = total(counters for one in past for counters in one.counters.values())
    assert counted.errors in (0, 1)
    assert counted.errors < max(counted.requests, 1)


def test_another_process_reads_the_same_from_a_mark_or_says_that_it_missed_something(stand: Stand) -> None:
    _, new = stand.versions
    mark = stand.source.begin(stand.script, stand.versions)
    stand.serve(new, 200, stand.failing)
    before = stand.read(mark, requests=2)

    try:
        after = stand.anew().since(stand.script, mark)
    except HeadgateError:
        return  # it listens anew and knows nothing yet
    assert after.counters == before.counters or after.epoch != before.epoch


def test_a_source_that_fails_is_an_error_and_tells_no_secret(stand: Stand) -> None:
    mark = stand.source.begin(stand.script, stand.versions)
    stand.serve(stand.versions[0], 200)
    stand.fail()

    with pytest.raises(HeadgateError) as raised:
        stand.read(mark, requests=0)
    assert raised.value.what
    assert SECRET not in f"{raised.value} {raised.value!r} {json.dumps(mark)}"
