"""Which version of a split runs a Durable Object: one at a time, the same until the next deployment.

An object's place is in its id, so objects stay where they are when the versions keep their order and one
grows, as the platform promises
(https://developers.cloudflare.com/workers/versions-and-deployments/gradual-deployments/with-durable-objects/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ID_LENGTH = 64
PLACE_DIGITS = 8
PLACES = 1 << 4 * PLACE_DIGITS

Shares = tuple[tuple[str, float], ...]
"""Version ids with percentages, in the order of the deployment, that sum to 100."""


def place_of(object_id: str) -> float:
    """From 0 up to 100. The last digits of an id are a keyed hash, spread evenly."""
    return int(object_id[-PLACE_DIGITS:], 16) / PLACES * 100


def version_of(object_id: str, shares: Sequence[tuple[str, float]]) -> str:
    """The version that the object belongs to."""
    place = place_of(object_id)
    for version_id, percentage in shares:
        if place < percentage:
            return version_id
        place -= percentage
    return shares[-1][0]


def with_objects(split: Sequence[tuple[str, float]]) -> Shares:
    """The part of a split that gets objects: a version at 0 % gets none."""
    return tuple((version_id, percentage) for version_id, percentage in split if percentage > 0)
