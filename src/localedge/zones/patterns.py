"""Route patterns, such as `https://*.example.com/images/*`: what is one, what it matches, which wins.

The rules are the platform's: https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PATTERN_CHARACTERS_MAX = 1024
LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
HOST = re.compile(rf"{LABEL}(\.{LABEL})+")
SHAPE = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>[^/?#]*)(?P<path>/[^#]*)?", re.IGNORECASE)


class BadPattern(Exception):
    """No pattern; the text says why, in the platform's words."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A checked pattern. `host` and `path` are without the wildcards; the host is in small letters.

    `apex`: the host is the zone itself, so that a wildcard before it stands for whole labels.
    """

    scheme: str
    host: str
    path: str
    any_subhost: bool
    any_rest: bool
    apex: bool

    @property
    def source(self) -> str:
        """A regular expression, of Python as of JavaScript, for the whole URL without its port."""
        scheme, end = self.scheme or "https?", ".*" if self.any_rest else ""
        subhosts = r"([^/]*\.)?" if self.apex else "[^/]*"
        start = subhosts if self.any_subhost else ""
        return f"^{scheme}://{start}{_literal(self.host)}{_literal(self.path)}{end}$"

    @property
    def rank(self) -> tuple[bool, int, bool, int, bool, bool]:
        """Higher is more specific: the host counts before the path, what is spelt out before a wildcard.

        `/images*` wins over `/images/*` also where both match: a known issue of the platform's.
        """
        # https://developers.cloudflare.com/workers/platform/known-issues/#route-specificity
        spelt = self.path.removesuffix("/") if self.any_rest else self.path
        return (
            not self.any_subhost,
            len(self.host),
            not self.any_rest,
            len(spelt),
            spelt == self.path,
            bool(self.scheme),
        )

    def matches(self, url: str) -> bool:
        """Whether the pattern is for this URL: scheme, host in small letters, path and query."""
        return re.search(self.source, url) is not None


def read_pattern(text: str, zone: str) -> Pattern:
    """The pattern that a text is, in a zone; `BadPattern` if it is none, or for another zone's hosts."""
    shape = SHAPE.fullmatch(text)
    if shape is None or len(text) > PATTERN_CHARACTERS_MAX or not shape["host"]:
        raise BadPattern(f"Could not understand route pattern {text}, please try a different pattern")
    path = shape["path"] or "/"
    if "?" in path or "?" in shape["host"]:
        raise BadPattern(f"Route pattern should not have query parameters {text}")
    any_subhost, host = _without(shape["host"].lower(), start="*")
    any_rest, path = _without(path, end="*")
    if "*" in host + path:
        message = "Route pattern may only contain wildcards at the beginning of the hostname"
        raise BadPattern(f"{message} and the end of the path: {text}")
    if host != zone and not host.endswith(f".{zone}"):
        raise BadPattern(f"Route pattern must include zone name: {text} (the zone is {zone})")
    if not HOST.fullmatch(host.lstrip(".-") if any_subhost else host):
        raise BadPattern(f"Could not understand route pattern {text}, please try a different pattern")
    return Pattern((shape["scheme"] or "").lower(), host, path, any_subhost, any_rest, apex=host == zone)


def zone_names(host: str) -> list[str]:
    """The names a host's zone may have, the longest first; a single label is no zone."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def host_of(text: str) -> str:
    """The host that a pattern names, without its wildcard: by it wrangler's zone is looked up."""
    shape = SHAPE.fullmatch(text)
    return shape["host"].lower().lstrip("*").lstrip(".") if shape else ""


def _without(text: str, *, start: str = "", end: str = "") -> tuple[bool, str]:
    """Whether the text starts or ends so, and what it is without that."""
    rest = text.removeprefix(start).removesuffix(end)
    return rest != text, rest


def _literal(text: str) -> str:
    """The text with what is special in a regular expression, in Python or in JavaScript, taken literally."""
    return re.sub(r"[\\^$.*+?()\[\]{}|/-]", r"\\\g<0>", text)
