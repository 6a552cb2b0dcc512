"""What may be deployed, and which versions stay up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from localedge.errors import Invalid
from localedge.state.model import Deployment, Share, Version
from localedge.workers import rules
from localedge.workers.previews import readings


def version(number: int) -> Version:
    return Version(
        id=f"v{number}",
        script="shop",
        number=number,
        created_on="2026-01-01T00:00:00.000000Z",
        source="api",
        main_module="index.js",
        modules=(),
        bindings=(),
        compatibility_date="2026-01-01",
        compatibility_flags=(),
        annotations={},
        etag="",
        startup_time_ms=1,
    )


def deployment(*shares: tuple[str, float]) -> Deployment:
    return Deployment(
        id="d",
        script="shop",
        created_on="2026-01-01T00:00:00.000000Z",
        source="api",
        shares=tuple(Share(*share) for share in shares),
        annotations={},
    )


def asked(*shares: tuple[str, Any], strategy: str = "percentage") -> dict[str, Any]:
    versions = [{"version_id": version_id, "percentage": percentage} for version_id, percentage in shares]
    return {"strategy": strategy, "versions": versions}


@pytest.mark.parametrize("shares", [[("v1", 100)], [("v1", 90), ("v2", 10)], [("v1", 100), ("v2", 0)]])
def test_one_or_two_versions_that_sum_to_100_are_taken(shares: list[tuple[str, float]]) -> None:
    assert rules.read_shares(asked(*shares)) == tuple(Share(*share) for share in shares)


def test_fractions_of_a_percent_are_taken() -> None:
    rules.read_shares(asked(("v1", 99.9), ("v2", 0.1)))
    rules.read_shares(asked(("v1", 66.67), ("v2", 33.33)))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "one or two versions"),
        ({"versions": []}, "one or two versions"),
        ({"versions": "v1"}, "one or two versions"),
        (asked(("v1", 50), ("v2", 30), ("v3", 20)), "one or two versions"),
        (asked(("v1", 50), ("v1", 50)), "named twice"),
        (asked(("v1", 90), ("v2", 20)), "sum to 110"),
        (asked(("v1", 99)), "sum to 99"),
        (asked(("v1", 120), ("v2", -20)), "from 0 to 100"),
        (asked(("v1", "100")), "from 0 to 100"),
        (asked(("v1", True), ("v2", 99)), "from 0 to 100"),
        (asked(("v1", float("nan"))), "from 0 to 100"),
        ({"versions": [{"percentage": 100}]}, "needs a version_id"),
        (asked(("v1", 100), strategy="canary"), "strategy"),
    ],
)
def test_other_shares_are_refused(body: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        rules.read_shares(body)


def test_going_back_is_to_a_version_older_than_all_that_serve() -> None:
    assert rules.goes_back(version(1), [version(2)])
    assert not rules.goes_back(version(2), [version(1)])
    assert not rules.goes_back(version(1), [version(1), version(2)])
    assert not rules.goes_back(version(1), [])


def test_going_back_over_changed_secrets_names_them_without_their_texts() -> None:
    rules.check_secrets_unchanged({"A": "1"}, {"A": "1"}, "v1")
    with pytest.raises(Invalid, match="have changed: A, B") as refusal:
        rules.check_secrets_unchanged({"A": "new-text", "B": "2"}, {"A": "old-text"}, "v1")
    assert refusal.value.code == 10220
    assert "text" not in refusal.value.message


def test_a_version_is_fully_deployed_only_alone() -> None:
    assert rules.fully_deployed(version(1), deployment(("v1", 100)))
    assert rules.fully_deployed(version(1), deployment(("v1", 100), ("v2", 0)))
    assert not rules.fully_deployed(version(1), deployment(("v1", 90), ("v2", 10)))
    assert not rules.fully_deployed(version(1), None)


def test_the_versions_that_served_before_stay_up() -> None:
    history = [deployment(("v5", 100)), deployment(("v5", 10), ("v4", 90)), deployment(("v4", 100))]
    assert rules.stay_up(history, []) == {"v5", "v4"}


def test_deploying_the_same_again_does_not_push_out_the_one_before() -> None:
    history = [deployment(("v5", 100)), deployment(("v5", 100)), deployment(("v4", 100))]
    assert rules.stay_up(history, []) == {"v5", "v4"}


def test_no_more_deployments_are_read_than_it_takes_to_find_the_one_before() -> None:
    history = iter([deployment(("v5", 100)), deployment(("v4", 100)), deployment(("v3", 100))])
    assert rules.stay_up(history, []) == {"v5", "v4"}
    assert list(history) == [deployment(("v3", 100))]


def test_of_the_uploads_the_newest_two_stay_up() -> None:
    newest = [version(9), version(8), version(7)]
    assert rules.stay_up([deployment(("v1", 100))], newest) == {"v1", "v9", "v8"}


def test_the_hundred_newest_versions_are_deployable() -> None:
    latest = version(130)
    assert [number for number in (1, 30, 31, 130) if rules.is_deployable(version(number), latest)] == [
        31,
        130,
    ]


@pytest.mark.parametrize(
    ("binding", "expected"),
    [
        ({"type": "kv_namespace", "name": "KV"}, True),
        ({"type": "durable_object_namespace", "name": "ROOM", "class_name": "Room"}, False),
        ({"type": "durable_object_namespace", "name": "ROOM", "script_name": "rooms"}, True),
    ],
)
def test_a_version_with_objects_of_its_own_has_no_preview(binding: dict[str, str], expected: bool) -> None:
    assert rules.has_preview(replace(version(1), bindings=(binding,))) is expected


def test_a_preview_address_may_be_read_in_several_ways() -> None:
    assert readings("pr-7-my-shop") == [("pr", "7-my-shop"), ("pr-7", "my-shop"), ("pr-7-my", "shop")]
    assert readings("shop") == []
