"""Deciding while a rollout runs: promote, hold or roll back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """What is unknown is never good: without data the answer is `hold`."""

    PROMOTE = "promote"
    HOLD = "hold"
    ROLLBACK = "rollback"
    PAUSE = "pause"
    """Both versions are bad: going back would not help, and a person is asked."""


ROLLED_BACK = "rolled back "
"""How the sentence of a rollback begins."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer and why, in a sentence with its figures."""

    answer: Answer
    why: str
