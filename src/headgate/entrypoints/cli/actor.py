"""Who gives the command: named, or the CI job's author, or the person who is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.domain.actor import Actor, ActorKind
from headgate.domain.errors import ConfigError
from headgate.domain.texts import encodable, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

CI_NAMES = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
    "BITBUCKET_STEP_TRIGGERER_UUID",
    "BUILD_REQUESTEDFOR",
)
"""Where CI systems say who started the job."""

OURS = (ActorKind.PERSON, ActorKind.CI, ActorKind.AGENT)
"""Kinds that may give commands. Headgate's own is for what it does by itself."""


def actor_of(named: str, environment: Mapping[str, str]) -> Actor:
    """The actor of a command. `named` is what --actor or HEADGATE_ACTOR says. Raises ConfigError."""
    if named:
        return _named(one_line(encodable(named)))
    for variable in CI_NAMES:
        if environment.get(variable):
            return Actor(ActorKind.CI, one_line(encodable(environment[variable])))
    return Actor(ActorKind.CI if environment.get("CI") else ActorKind.PERSON, _login_name())


def _named(text: str) -> Actor:
    kind, colon, name = text.rpartition(":")
    known = [str(each) for each in OURS]
    if not name.strip() or (colon and kind not in known):
        raise ConfigError(
            f"`{text}` is no actor.",
            where="--actor or HEADGATE_ACTOR",
            remedy=f"Give a kind and a name, such as `person:ann`; kinds are {', '.join(known)}.",
        )
    return Actor(ActorKind(kind) if colon else ActorKind.PERSON, name.strip())


def _login_name() -> str:
    import getpass
    import os

    try:
        return one_line(encodable(getpass.getuser()))
    except (KeyError, ImportError, OSError):
        # In a container, a user may have a number and no name.
        return f"uid-{os.getuid()}"
