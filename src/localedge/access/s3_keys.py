"""S3 keys: every API token is one, as on the platform.

The key's id is the token's, its secret the SHA-256 of the token's value
(https://developers.cloudflare.com/r2/api/tokens/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.access.needs import READ_OBJECTS, READ_R2, READS, WRITE_OBJECTS
from localedge.access.policies import Target, allowed
from localedge.access.tokens import digest
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from localedge.access.table import TokenTable
    from localedge.state.model import Identity


class S3Denied(Exception):
    """The key is known, but its token does not allow this."""


class S3Keys:
    """The edge's own token and all that were made, as S3 keys."""

    def __init__(self, identity: Identity, tokens: TokenTable) -> None:
        self._identity = identity
        self._tokens = tokens

    def secret(self, key_id: str, method: str, bucket: str) -> str | None:
        """The secret of a key, None for one that is not there or not usable now.

        `S3Denied` when its token may not do this to the bucket. No bucket (`""`) is a list of them all.
        """
        if key_id == self._identity.user_id:
            return digest(self._identity.token)
        found = self._tokens.as_s3_key(key_id)
        if found is None or not found[0].usable(utc_now()):
            return None
        token, secret = found
        accepted = READ_R2 if not bucket else READ_OBJECTS if method in READS else WRITE_OBJECTS
        account = self._identity.account_id
        target = Target(user=self._identity.user_id, account=account, bucket=f"{account}_default_{bucket}")
        if not allowed(token.policies, accepted, target):
            raise S3Denied(key_id)
        return secret
