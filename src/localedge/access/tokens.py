"""API tokens: what they are, how they are made, and whether one can be used now."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from localedge.access.policy_form import read_condition, read_policies
from localedge.errors import CODE_MALFORMED, Invalid
from localedge.state.model import utc_now, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localedge.access.policies import Policy

NAME_MAX = 120


class Owner(StrEnum):
    """Whose token it is: made under `/user/tokens` or under `/accounts/{id}/tokens`."""

    USER = "user"
    ACCOUNT = "account"


class Status(StrEnum):
    """What a token is now."""

    ACTIVE = "active"
    DISABLED = "disabled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its value. Times are RFC 3339 in UTC, `""` for none."""

    id: str
    owner: Owner
    name: str
    disabled: bool
    issued_on: str
    modified_on: str
    policies: tuple[Policy, ...]
    not_before: str = ""
    expires_on: str = ""
    condition: Mapping[str, Any] = field(default_factory=dict)

    def status(self, now: str) -> Status:
        if self.disabled:
            return Status.DISABLED
        return Status.EXPIRED if self.expires_on and self.expires_on <= now else Status.ACTIVE

    def usable(self, now: str) -> bool:
        return self.status(now) is Status.ACTIVE and self.not_before <= now


def new_value() -> str:
    """A token's value: 40 letters and digits, shown once."""
    return secrets.token_urlsafe(30)


def digest(value: str) -> str:
    """What is kept of a value. It has 240 random bits, so a plain hash can't be searched through."""
    return hashlib.sha256(value.encode()).hexdigest()


def new_token(owner: Owner, body: Mapping[str, Any]) -> Token:
    """The token that a client asks for; `Invalid` says what is wrong with the request."""
    now = utc_now()
    blank = Token(
        secrets.token_hex(16), owner, "", disabled=False, issued_on=now, modified_on=now, policies=()
    )
    return changed(blank, body)


def changed(token: Token, body: Mapping[str, Any]) -> Token:
    """The token as a PUT wants it: all of it anew, but its id and its value."""
    name = body.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= NAME_MAX:
        raise Invalid(CODE_MALFORMED, f"a token needs a name of 1 to {NAME_MAX} characters")
    status = body.get("status", Status.ACTIVE)
    if status not in (Status.ACTIVE, Status.DISABLED, Status.EXPIRED):
        raise Invalid(CODE_MALFORMED, "status has to be active or disabled")
    return replace(
        token,
        name=name,
        disabled=status == Status.DISABLED,
        modified_on=utc_now(),
        policies=read_policies(body),
        not_before=_time(body, "not_before"),
        expires_on=_time(body, "expires_on"),
        condition=read_condition(body),
    )


def show(token: Token) -> dict[str, Any]:
    """A token as the API tells it."""
    times = {"not_before": token.not_before, "expires_on": token.expires_on}
    return {
        "id": token.id,
        "name": token.name,
        "status": str(token.status(utc_now())),
        "issued_on": token.issued_on,
        "modified_on": token.modified_on,
        **{name: time for name, time in times.items() if time},
        "policies": [dict(policy.told) for policy in token.policies],
        **({"condition": dict(token.condition)} if token.condition else {}),
    }


def _time(body: Mapping[str, Any], name: str) -> str:
    given = body.get(name)
    if given is None:
        return ""
    try:
        return written(datetime.datetime.fromisoformat(str(given)))
    except ValueError as error:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a time such as 2026-01-31T12:00:00Z") from error
