"""A token's policies: what they allow, and whether that covers a request. No acts here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localedge.access.groups import BY_ID, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from localedge.access.groups import Group

ALL = "*"


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of thing, and which one: an account, a zone, a Worker (by its tag); `*` for all of them.

    `within` is the account that it is in, where the policy names it.
    """

    scope: Scope
    id: str
    within: str = ALL


@dataclass(frozen=True, slots=True)
class Policy:
    """What is allowed or denied. `told` is the policy as the client sent it."""

    id: str
    allows: bool
    groups: frozenset[str]
    """By name. Ids that nobody knows give no rights, here as on the platform."""

    resources: frozenset[Resource]
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is about: each kind of thing in its path."""

    user: str
    account: str = ""
    zone: str = ""
    worker: str = ""
    bucket: str = ""

    def id_of(self, scope: Scope) -> str:
        return {
            Scope.USER: self.user,
            Scope.ACCOUNT: self.account,
            Scope.ZONE: self.zone,
            Scope.WORKER: self.worker,
            Scope.BUCKET: self.bucket,
        }[scope]


def allowed(policies: Iterable[Policy], accepted: tuple[str, ...] | None, target: Target) -> bool:
    """Whether the policies give one of the accepted groups for the target. What is denied stays denied.

    `accepted` None is what every token may do.
    """
    if accepted is None:
        return True
    granted: set[str] = set()
    denied: set[str] = set()
    for policy in policies:
        (granted if policy.allows else denied).update(_given(policy, target))
    return bool((granted - denied).intersection(accepted))


def sees_account(policies: Iterable[Policy], account: str) -> bool:
    """Whether any policy allows anything in the account."""
    named = {resource for policy in policies if policy.allows for resource in policy.resources}
    return any(
        resource.id in (ALL, account)
        if resource.scope is Scope.ACCOUNT
        else resource.within in (ALL, account)
        for resource in named
        if resource.scope is not Scope.USER
    )


def _given(policy: Policy, target: Target) -> Iterable[str]:
    groups = [group for group in BY_ID.values() if group.name in policy.groups]
    return (group.name for group in groups if _covers(policy.resources, group, target))


def _covers(resources: frozenset[Resource], group: Group, target: Target) -> bool:
    """A group is about one kind of thing; the policy has to name the one that the target is, or all."""
    wanted = target.id_of(group.scope)
    named = [
        resource
        for resource in resources
        if resource.scope is group.scope and resource.within in (ALL, target.account or ALL)
    ]
    # A request that names no zone (for the list of them) is open to whoever may see one.
    if group.scope is Scope.ZONE and not wanted:
        return bool(named)
    return bool(wanted) and any(resource.id in (ALL, wanted) for resource in named)
