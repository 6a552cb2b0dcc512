"""Lets a request to the API through, or refuses it as the platform would."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localedge.access.needs import need_of
from localedge.access.policies import Target, allowed, sees_account
from localedge.access.policy_form import address_fits
from localedge.errors import (
    CODE_AUTHENTICATION,
    CODE_FOREIGN_ACCOUNT,
    CODE_TOKEN_INVALID,
    Forbidden,
    Unauthenticated,
)
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from localedge.access.table import TokenTable
    from localedge.access.tokens import Token
    from localedge.state.model import Identity

VERIFY = "user/tokens/verify"
WORKER_ROOMS = ("scripts", "services", "workers")


@dataclass(frozen=True, slots=True)
class Question:
    """A request, as far as access goes. `path` begins after `/client/v4/`."""

    method: str
    path: str
    authorization: str
    address: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the edge's own token, which may do everything, or one that was made."""

    token: Token | None = None

    @property
    def is_root(self) -> bool:
        return self.token is None

    def sees(self, account: str) -> bool:
        """Whether the account is among those that it is told of."""
        return self.token is None or sees_account(self.token.policies, account)


class Guard:
    """Knows the edge's own token and all that were made."""

    def __init__(self, identity: Identity, tokens: TokenTable, tag_of: Callable[[str], str]) -> None:
        """`tag_of` gives a Worker's tag by its name or tag, `""` if there is none."""
        self._identity = identity
        self._tokens = tokens
        self._tag_of = tag_of

    def admit(self, question: Question) -> Caller:
        """Who asks. `Unauthenticated` or `Forbidden` when it may not be asked."""
        caller = self._caller(question)
        words = question.path.split("/")
        account = words[1] if words[0] == "accounts" and len(words) > 1 else ""
        if account and account != self._identity.account_id:
            message = f"Unauthorized to access requested resource: not this edge's account: {account}"
            raise Forbidden(CODE_FOREIGN_ACCOUNT, message)
        if caller.token is not None:
            self._check_policies(caller.token, question, words)
        return caller

    def is_root(self, authorization: str) -> bool:
        """Whether this is the edge's own token, which alone may use the edge's own paths."""
        return self._own(_presented(authorization))

    def _caller(self, question: Question) -> Caller:
        value = _presented(question.authorization)
        if self._own(value):
            return Caller()
        token = self._tokens.by_value(value)
        if token is None:
            raise _unknown(question.path)
        if question.path.endswith("/tokens/verify"):
            return Caller(token)
        if not token.usable(utc_now()):
            raise _unknown(question.path)
        if not address_fits(token.condition, question.address):
            message = f"Cannot use the access token from location: {question.address}"
            raise Forbidden(CODE_FOREIGN_ACCOUNT, message)
        return Caller(token)

    def _own(self, value: str) -> bool:
        return hmac.compare_digest(value.encode(), self._identity.token.encode())

    def _check_policies(self, token: Token, question: Question, words: list[str]) -> None:
        need = need_of(question.method, question.path)
        # A path that nothing was decided for is either not there, which is told, or an oversight.
        accepted = () if need is None else need.groups(question.method)
        if allowed(token.policies, accepted, self._target(words)):
            return
        if words[0] == "accounts":
            raise Forbidden(CODE_AUTHENTICATION, "Authentication error")
        raise Forbidden(CODE_FOREIGN_ACCOUNT, "Unauthorized to access requested resource")

    def _target(self, words: list[str]) -> Target:
        """What the path is about."""
        named = dict(enumerate(words))
        worker = bucket = ""
        if named.get(2) == "workers" and named.get(3) in WORKER_ROOMS and 4 in named:
            worker = self._tag_of(named[4])
        if named.get(2) == "r2" and named.get(3) == "buckets" and 4 in named:
            bucket = f"{named[1]}_default_{named[4]}"
        in_zone = words[0] == "zones" and len(words) > 1
        return Target(
            user=self._identity.user_id,
            account=self._identity.account_id,
            zone=words[1] if in_zone else "",
            worker=worker,
            bucket=bucket,
        )


def _presented(authorization: str) -> str:
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated(CODE_AUTHENTICATION, "Authentication error: send Authorization: Bearer TOKEN")
    return token.strip()


def _unknown(path: str) -> Unauthenticated | Forbidden:
    """The platform's answers to a wrong token differ by endpoint."""
    if path == VERIFY:
        return Unauthenticated(CODE_TOKEN_INVALID, "Invalid API Token")
    if path.startswith("accounts/"):
        message = (
            "Authentication error: no token of this local edge that can be used (its own is in edge.json)"
        )
        return Forbidden(CODE_AUTHENTICATION, message)
    message = "Invalid access token: no token of this local edge that can be used (its own is in edge.json)"
    return Forbidden(CODE_FOREIGN_ACCOUNT, message)
