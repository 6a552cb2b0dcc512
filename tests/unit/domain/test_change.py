from __future__ import annotations

import pytest

from headgate.domain.actor import Actor, ActorKind
from headgate.domain.change import REASON_MAX, Change, ChangeKind, Target
from headgate.domain.errors import HeadgateError


def change(reason: str, author: str = "ann") -> Change:
    actor = Actor(ActorKind.PERSON, author)
    return Change("c1", ChangeKind.WORKER_RELEASE, Target("shop", "production"), actor, reason)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (" \n", "needs a reason"),
        ("bad \udcff", "The reason of a change cannot be written as UTF-8"),
        ("x" * (REASON_MAX + 1), "has 2001 characters, and may have 2000"),
    ],
)
def test_a_reason_that_nobody_can_keep_is_refused(reason: str, told: str) -> None:
    with pytest.raises(HeadgateError, match=told):
        change(reason)


def test_an_author_that_nobody_can_keep_is_refused() -> None:
    with pytest.raises(HeadgateError, match="The author of a change cannot be written as UTF-8"):
        change("because", author="ann\ud800")


def test_the_longest_reason_is_taken() -> None:
    assert change("ü" * REASON_MAX).reason == "ü" * REASON_MAX
