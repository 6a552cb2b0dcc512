"""The rules of a deployment, without acts: what may be deployed, and which versions stay up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_MALFORMED, CODE_SECRETS_CHANGED, Invalid
from localedge.state.model import Deployment, Share, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

VERSIONS_MAX = 2
DEPLOYABLE_MAX = 100
"""So many of the newest versions can be deployed, as on the platform."""

NEWEST_KEPT_UP = 2


def read_shares(body: Mapping[str, Any]) -> tuple[Share, ...]:
    """The shares that a request asks for; `Invalid` says which rule they break."""
    if body.get("strategy", "percentage") != "percentage":
        raise Invalid(CODE_MALFORMED, "strategy has to be 'percentage'")
    entries = body.get("versions")
    if not isinstance(entries, list) or not 1 <= len(entries) <= VERSIONS_MAX:
        raise Invalid(CODE_MALFORMED, "a deployment has one or two versions")
    shares = tuple(_share(entry) for entry in entries)
    if len({share.version_id for share in shares}) < len(shares):
        raise Invalid(CODE_MALFORMED, f"version {shares[0].version_id} is named twice")
    total = sum(share.percentage for share in shares)
    if not math.isclose(total, 100, abs_tol=1e-6):
        raise Invalid(CODE_MALFORMED, f"the percentages have to sum to 100, these sum to {total:g}")
    return shares


def _share(entry: object) -> Share:
    if not isinstance(entry, dict) or not isinstance(entry.get("version_id"), str):
        raise Invalid(CODE_MALFORMED, "every entry of versions needs a version_id")
    percentage = entry.get("percentage")
    if isinstance(percentage, bool) or not isinstance(percentage, int | float) or not 0 <= percentage <= 100:
        raise Invalid(
            CODE_MALFORMED, f"the percentage of {entry['version_id']} has to be a number from 0 to 100"
        )
    return Share(entry["version_id"], percentage)


def check_secrets_unchanged(serving: Mapping[str, str], target: Mapping[str, str], target_id: str) -> None:
    """Going back to a version with other secrets needs `force=true`, for it brings the old texts back."""
    changed = sorted(name for name in serving.keys() | target.keys() if serving.get(name) != target.get(name))
    if changed:
        message = (
            f"Version {target_id} has other secrets than the one that serves, and would bring them back."
            " Repeat the request with ?force=true to do so."
            f" The following secrets have changed: {', '.join(changed)}"
        )
        raise Invalid(CODE_SECRETS_CHANGED, message)


def goes_back(target: Version, serving: Iterable[Version]) -> bool:
    """Whether every version that serves is newer than the target."""
    numbers = [version.number for version in serving]
    return bool(numbers) and target.number < min(numbers)


def fully_deployed(version: Version, deployment: Deployment | None) -> bool:
    """Whether this version alone serves."""
    return deployment is not None and Share(version.id, 100) in deployment.shares


def is_deployable(version: Version, latest: Version) -> bool:
    """Whether it is one of the newest versions of its Worker; the code of older ones is not kept."""
    return version.number > latest.number - DEPLOYABLE_MAX


def has_preview(version: Version) -> bool:
    """A version with Durable Objects of its own has no preview address, as on the platform."""
    # https://developers.cloudflare.com/workers/versions-and-deployments/preview-urls/#limitations
    return not any(
        binding["type"] == "durable_object_namespace" and not binding.get("script_name")
        for binding in version.bindings
    )


def stay_up(deployments: Iterable[Deployment], newest: Sequence[Version]) -> set[str]:
    """The versions whose process stays: those that serve, those that served before, and the newest uploads.

    `deployments` newest first, read no further than needed. The one before is what a rollback goes to, so it
    is kept ready.
    """
    back = (set(deployment.version_ids) for deployment in deployments)
    serving = next(back, set())
    before = next((version_ids for version_ids in back if version_ids - serving), set())
    return serving | before | {version.id for version in newest[:NEWEST_KEPT_UP]}
