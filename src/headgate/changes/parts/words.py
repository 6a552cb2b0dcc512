"""Splits and deployments as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.domain.traffic import Deployment, Split


def words(split: Split) -> str:
    """Which version has which share."""
    return " and ".join(f"{version_id} at {share:g} %" for version_id, share in split.items())


def who(script: str, current: Deployment) -> str:
    """Who deployed what, when, and what they said of it."""
    said = f' ("{current.message}")' if current.message else ""
    return f"{current.author} set {script} to {words(current.split)} at {current.created_on}{said}"
