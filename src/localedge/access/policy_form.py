"""Reads policies and conditions as clients send them."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from localedge.access.groups import BY_ID, Scope
from localedge.access.policies import ALL, Policy, Resource
from localedge.errors import CODE_MALFORMED, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

POLICIES_MAX = 50
NESTED = {
    Scope.ACCOUNT: (Scope.ZONE, Scope.WORKER),
    Scope.ZONE: (),
    Scope.USER: (),
    Scope.BUCKET: (),
    Scope.WORKER: (),
}
"""What the resources of a policy can be narrowed down to."""


def read_policies(body: Mapping[str, Any]) -> tuple[Policy, ...]:
    """The policies of a token; `Invalid` says what is wrong with them."""
    entries = body.get("policies")
    if not isinstance(entries, list) or not 1 <= len(entries) <= POLICIES_MAX:
        raise Invalid(CODE_MALFORMED, f"a token needs 1 to {POLICIES_MAX} policies")
    return tuple(read_policy(entry) for entry in entries)


def read_policy(entry: object) -> Policy:
    """One policy, with an id of its own if it came without."""
    if not isinstance(entry, dict) or entry.get("effect") not in ("allow", "deny"):
        raise Invalid(CODE_MALFORMED, "every policy needs an effect: allow or deny")
    resources = entry.get("resources")
    if not isinstance(resources, dict) or not resources:
        message = 'every policy needs resources, such as {"com.cloudflare.api.account.ID": "*"}'
        raise Invalid(CODE_MALFORMED, message)
    groups = [_group_id(group) for group in _list(entry.get("permission_groups"))]
    told = {
        "id": str(entry.get("id") or secrets.token_hex(16)),
        "effect": entry["effect"],
        "resources": resources,
        "permission_groups": [_told(group) for group in groups],
    }
    names = frozenset(BY_ID[group].name for group in groups if group in BY_ID)
    return Policy(told["id"], entry["effect"] == "allow", names, frozenset(_resources(resources)), told)


def read_condition(body: Mapping[str, Any]) -> dict[str, Any]:
    """From which addresses the token may be used; `Invalid` for what is none."""
    condition = body.get("condition") or {}
    if not isinstance(condition, dict) or not isinstance(condition.get("request_ip", {}), dict):
        raise Invalid(CODE_MALFORMED, 'a condition is {"request_ip": {"in": [...], "not_in": [...]}}')
    for name in ("in", "not_in"):
        for network in _list(condition.get("request_ip", {}).get(name) or [], empty=True):
            try:
                ipaddress.ip_network(str(network), strict=False)
            except ValueError as error:
                raise Invalid(CODE_MALFORMED, f"{network!r} is no address and no network") from error
    return condition


def address_fits(condition: Mapping[str, Any], address: str) -> bool:
    """Whether a request from this address meets the condition."""
    rule = condition.get("request_ip") or {}
    inside, outside = rule.get("in") or [], rule.get("not_in") or []
    return (not inside or _within(address, inside)) and not _within(address, outside)


def _within(address: str, networks: list[str]) -> bool:
    client = ipaddress.ip_address(address)
    return any(client in ipaddress.ip_network(network, strict=False) for network in networks)


def _list(value: object, *, empty: bool = False) -> list[Any]:
    if not isinstance(value, list) or not (value or empty):
        raise Invalid(CODE_MALFORMED, "permission_groups has to be a list, and not an empty one")
    return value


def _group_id(group: object) -> str:
    if not isinstance(group, dict) or not isinstance(group.get("id"), str):
        raise Invalid(CODE_MALFORMED, "every permission group needs an id")
    return str(group["id"])


def _told(group_id: str) -> dict[str, str]:
    group = BY_ID.get(group_id)
    return {"id": group_id} if group is None else {"id": group_id, "name": group.name}


def _resources(resources: Mapping[str, Any]) -> Iterator[Resource]:
    for key, value in resources.items():
        resource = _resource(key)
        if value == ALL:
            yield resource
        elif isinstance(value, dict) and value and all(inside == ALL for inside in value.values()):
            yield from _inside(resource, value)
        else:
            raise Invalid(CODE_MALFORMED, f"{key} has to be '*', or resources inside it that are '*'")


def _inside(outer: Resource, resources: Mapping[str, Any]) -> Iterator[Resource]:
    for key in resources:
        resource = _resource(key)
        if resource.scope not in NESTED[outer.scope]:
            raise Invalid(CODE_MALFORMED, f"{key} is not a supported resource type within {outer.scope}")
        yield replace(resource, within=outer.id) if outer.scope is Scope.ACCOUNT else resource


def _resource(key: str) -> Resource:
    """`com.cloudflare.api.account.ID`, and so on: the longest name that fits, then the id."""
    for scope in sorted(Scope, key=len, reverse=True):
        name, _, rest = key.partition(f"{scope}.")
        if not name and rest and "." not in rest:
            return Resource(scope, rest)
    raise Invalid(CODE_MALFORMED, f"{key} is not a supported resource type")
