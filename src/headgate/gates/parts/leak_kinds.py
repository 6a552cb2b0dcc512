"""What secrets look like: one entry a kind.

A pattern is tried only where one of its hints stands, and begins there. So a clean bundle costs no more than
a search for a few words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of secret. Where the pattern has a group, that is the secret.

    `sure` says that nothing else looks like this; else it is suspected and has to look random as well.
    """

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    sure: bool = True


def _kind(name: str, hints: str, pattern: str, *, sure: bool = True) -> Kind:
    return Kind(name, tuple(hints.split()), re.compile(pattern), sure)


_START = r"(?<![A-Za-z0-9_-])"
_END = r"(?![A-Za-z0-9_-])"
_IS = r"""["'`]?\s{0,4}[:=]\s{0,4}["'`]"""
"""What stands between a name and its value: `name = "`, `"name": "`."""

KINDS = (
    _kind(
        "Cloudflare API key or token",
        "cfk_ cfut_ cfat_",
        rf"{_START}cf(?:k|ut|at)_[A-Za-z0-9_-]{{40,64}}{_END}",
    ),
    _kind("Cloudflare Origin CA key", "v1.0-", rf"{_START}v1\.0-[0-9a-f]{{24}}-[0-9a-f]{{146}}{_END}"),
    _kind(
        "Cloudflare API token",
        "cloudflare Cloudflare CLOUDFLARE CF_API",
        rf"[\w. -]{{4,32}}(?i:token|key)\w{{0,8}}{_IS}((?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{{37,45}})[\"'`]",
    ),
    _kind(
        "private key",
        "-----BEGIN",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=:,.\s\\\"'`-]{60,8000}?-----END",
    ),
    _kind("AWS access key id", "AKIA ASIA", rf"{_START}A(?:KI|SI)A[A-Z2-7]{{16}}{_END}"),
    _kind(
        "AWS secret key",
        "aws_secret_access_key AWS_SECRET_ACCESS_KEY secretAccessKey",
        rf"\w+{_IS}([A-Za-z0-9/+=]{{40}})[\"'`]",
    ),
    _kind("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", rf"{_START}gh[pousr]_[A-Za-z0-9]{{36,251}}{_END}"),
    _kind("GitHub token", "github_pat_", rf"{_START}github_pat_[A-Za-z0-9_]{{60,251}}{_END}"),
    _kind("GitLab token", "glpat-", rf"{_START}glpat-[A-Za-z0-9_-]{{20,}}"),
    _kind("npm token", "npm_", rf"{_START}npm_[A-Za-z0-9]{{36}}{_END}"),
    _kind(
        "Slack token",
        "xoxa- xoxb- xoxe- xoxp- xoxr- xoxs- xapp-",
        rf"{_START}(?:xox[abeprs]|xapp)-[0-9][A-Za-z0-9-]{{20,}}",
    ),
    _kind(
        "Slack webhook",
        "hooks.slack.com/",
        r"hooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]{6,}/[A-Za-z0-9/]{20,}",
    ),
    _kind("Stripe key", "sk_live_ rk_live_", rf"{_START}[sr]k_live_[A-Za-z0-9]{{20,}}{_END}"),
    _kind("Stripe webhook secret", "whsec_", rf"{_START}whsec_[A-Za-z0-9+/=]{{32,}}"),
    _kind("AI provider key", "sk-ant- sk-proj-", rf"{_START}sk-(?:ant|proj)-[A-Za-z0-9_-]{{40,}}"),
    _kind("SendGrid key", "SG.", rf"{_START}SG\.[A-Za-z0-9_-]{{22}}\.[A-Za-z0-9_-]{{43}}{_END}"),
    _kind(
        "password in an address",
        "postgres:// postgresql:// mysql:// mongodb:// mongodb+srv:// redis:// rediss:// amqp:// amqps://",
        r"[a-z+]+://[\w.%-]{0,64}:"
        r"(?!(?:pass(?:word|wd)?|secret|example|user|pw|[x*.]+)@)([^\s:@/\"'`$<>{}\\]{6,128})@(?!localhost|127\.)[\w.-]+",
    ),
    _kind(
        "JSON Web Token", "eyJ", rf"{_START}eyJ[\w-]{{8,}}\.eyJ[\w-]{{8,}}\.([\w-]{{20,}}){_END}", sure=False
    ),
    _kind(
        "value that looks like a secret",
        "SECRET TOKEN PASSWORD API_KEY secret Secret token Token password Password apiKey ApiKey api_key",
        rf"[A-Za-z]+(?:_[A-Za-z]+){{0,3}}{_IS}([\w+/=-]{{24,200}})[\"'`]",
        sure=False,
    ),
)
