"""Where the API is, whose account it is, and the token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headgate.domain.errors import ConfigError, PlatformRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.domain.settings import PlatformSettings


@dataclass(frozen=True, slots=True)
class Access:
    """What is needed to speak to the API. `api_url` has no slash at its end."""

    api_url: str
    account_id: str
    token: str = field(repr=False)
    token_source: str
    """Where the token came from, in words, for error messages."""
    when_unreachable: str
    """What to do if nothing answers."""
    traffic_url: str = ""
    """The local edge's traffic; empty on the platform itself, where Workers have addresses of their own."""


def from_environment(settings: PlatformSettings, environment: Mapping[str, str]) -> Access:
    """Access to the platform itself, with the token from an environment variable."""
    if not settings.account_id:
        raise ConfigError(
            "No account is set.",
            where="[platform]",
            remedy='Set account_id (`wrangler whoami` tells it), or local_edge = ".headgate/edge".',
        )
    token = environment.get(settings.token_env, "").strip()
    if not token:
        raise PlatformRefused(
            f"The environment variable {settings.token_env} holds no API token.",
            where=settings.api_base,
            remedy=f"Create a token that may edit Workers Scripts, and set {settings.token_env} to it.",
        )
    return Access(
        api_url=settings.api_base.rstrip("/"),
        account_id=settings.account_id,
        token=token,
        token_source=f"the variable {settings.token_env}",
        when_unreachable="Check the network, and https://www.cloudflarestatus.com.",
    )
