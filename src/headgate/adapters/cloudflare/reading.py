"""Reading the platform's results. What lacks a field that we need is a PlatformError, never a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from headgate.domain.errors import PlatformError
from headgate.domain.traffic import Deployment, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headgate.adapters.cloudflare.json_value import Json

T = TypeVar("T")


def read(reader: Callable[[Json], T], result: Json, where: str) -> T:
    """Apply a reader. Raises PlatformError for a result that is not as documented."""
    try:
        return reader(result)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise PlatformError(
            f"The platform's answer is not as documented: {type(error).__name__} {error}.",
            where=where,
            remedy="Update Headgate; if it is up to date, report this as a bug.",
        ) from error


def newest_deployment(result: Json) -> Deployment | None:
    """The deployment that serves, from the list of them; None for an empty list."""
    deployments = result["deployments"]
    return deployment(deployments[0]) if deployments else None


def deployment(result: Json) -> Deployment:
    """One deployment."""
    return Deployment(
        id=str(result["id"]),
        split={str(version["version_id"]): float(version["percentage"]) for version in result["versions"]},
        author=str(result.get("author_email") or ""),
        created_on=str(result["created_on"]),
        message=_notes(result).get("workers/message", ""),
    )


def version(result: Json) -> Version:
    """One version."""
    metadata, notes = result["metadata"], _notes(result)
    return Version(
        id=str(result["id"]),
        number=int(result.get("number") or 0),
        created_on=str(metadata["created_on"]),
        author=str(metadata.get("author_email") or ""),
        message=notes.get("workers/message", ""),
        tag=notes.get("workers/tag", ""),
    )


def versions(result: Json) -> tuple[Version, ...]:
    """A list of versions, newest first."""
    return tuple(version(item) for item in result["items"])


def names(result: Json) -> frozenset[str]:
    """The names in a list of things that have one."""
    return frozenset(str(item["name"]) for item in result)


def id_of(result: Json) -> str:
    """The id of a thing."""
    return str(result["id"])


def enabled(result: Json) -> bool:
    """Whether a switch is on."""
    return bool(result["enabled"])


def subdomain(result: Json) -> str:
    """The account's name below workers.dev."""
    return str(result["subdomain"])


def nothing(_result: Json) -> None:
    """For calls whose result says nothing."""


def ids(result: Json) -> frozenset[str]:
    """The ids in a list of things."""
    return frozenset(str(item["id"]) for item in result)


def _notes(result: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(text) for name, text in (result.get("annotations") or {}).items()}
