"""Who may use the API: whoever has the token that the edge made at its first start."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from localedge.errors import (
    CODE_AUTHENTICATION,
    CODE_FOREIGN_ACCOUNT,
    CODE_TOKEN_INVALID,
    Forbidden,
    Unauthenticated,
)
from localedge.resources import ROOT

if TYPE_CHECKING:
    from localedge.state.model import Identity

VERIFY = f"{ROOT}/user/tokens/verify"
ACCOUNTS = f"{ROOT}/accounts/"


def check_access(identity: Identity, path: str, authorization: str) -> None:
    """Let a request to the API through, or raise.

    Paths outside the API are open to whoever reaches them: the edge listens on loopback only.
    """
    if not path.startswith(f"{ROOT}/"):
        return
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated(CODE_AUTHENTICATION, "Authentication error: send Authorization: Bearer TOKEN")
    if not hmac.compare_digest(token.strip().encode(), identity.token.encode()):
        raise _refusal(path)
    account, _, _ = path.removeprefix(ACCOUNTS).partition("/")
    if path.startswith(ACCOUNTS) and account != identity.account_id:
        raise Forbidden(
            CODE_FOREIGN_ACCOUNT,
            f"Unauthorized to access requested resource: not this edge's account: {account}",
        )


def _refusal(path: str) -> Unauthenticated | Forbidden:
    """The platform's answers to a wrong token differ by endpoint."""
    if path == VERIFY:
        return Unauthenticated(CODE_TOKEN_INVALID, "Invalid API Token")
    if path.startswith(ACCOUNTS):
        return Forbidden(
            CODE_AUTHENTICATION, "Authentication error: not this local edge's token (it is in edge.json)"
        )
    return Forbidden(
        CODE_FOREIGN_ACCOUNT, "Invalid access token: not this local edge's token (it is in edge.json)"
    )
