"""The things the edge remembers, as plain values. Times are RFC 3339 in UTC, to the microsecond."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Binding = Mapping[str, Any]
"""One entry of `bindings` as the client sent it; a secret's `text` is never in it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the edge is to its clients. `token` is what they have to present."""

    account_id: str
    user_id: str
    token: str
    subdomain: str = "local"
    email: str = "developer@localhost"


@dataclass(frozen=True, slots=True)
class Script:
    """A Worker. `tag` is its permanent id; `settings` are those that are not part of a version.

    The switches `workers_dev` and `previews` are None until somebody sets them.
    """

    name: str
    tag: str
    created_on: str
    modified_on: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    workers_dev: bool | None = None
    previews: bool | None = None

    @property
    def at_own_address(self) -> bool:
        """Whether it answers at its own address: unless that was switched off."""
        return self.workers_dev is not False

    @property
    def has_previews(self) -> bool:
        """Whether its versions have preview addresses: as long as nobody said, if it has one of its own."""
        return self.at_own_address if self.previews is None else self.previews


@dataclass(frozen=True, slots=True)
class StoredModule:
    """One file of a version; its body is the blob of that digest."""

    name: str
    content_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class StoredAssets:
    """A version's static assets: the digest of their manifest, and how they are served, as uploaded."""

    manifest: str
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """One uploaded version of a Worker: code, bindings and settings that never change again."""

    id: str
    script: str
    number: int
    created_on: str
    source: str
    main_module: str
    modules: tuple[StoredModule, ...]
    bindings: tuple[Binding, ...]
    compatibility_date: str
    compatibility_flags: tuple[str, ...]
    annotations: Mapping[str, str]
    etag: str
    startup_time_ms: int
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Metadata that is kept and told but has no effect here: limits, placement, ..."""
    assets: StoredAssets | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """One version's share of a deployment."""

    version_id: str
    percentage: float


@dataclass(frozen=True, slots=True)
class Deployment:
    """Which versions serve, and with what share."""

    id: str
    script: str
    created_on: str
    source: str
    shares: tuple[Share, ...]
    annotations: Mapping[str, str]

    @property
    def version_ids(self) -> tuple[str, ...]:
        return tuple(share.version_id for share in self.shares)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A KV namespace."""

    id: str
    title: str


def utc_now() -> str:
    """The time now, as the API writes it."""
    return written(datetime.datetime.now(datetime.UTC))


def written(time: datetime.datetime) -> str:
    """A time as the API writes it: such texts sort as the times do."""
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
