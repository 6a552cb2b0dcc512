"""The paths and addresses in `_headers` and `_redirects`, as the platform's parser normalises them.

A port of validateURL.ts: https://github.com/cloudflare/workers-sdk/tree/main/packages/workers-shared/utils/configuration
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

WHITE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What counts as white space in JavaScript, as a class of a regular expression."""

ADDRESS = re.compile(r"https://+(?P<host>[^/]+)/?(?P<path>.*)")
HOST_WITH_PORT = re.compile(r":[0-9]+\Z")

ASCII_LEFT_ALONE = "".join(chr(code) for code in range(0x21, 0x7F))
IN_PATH = "".join(char for char in ASCII_LEFT_ALONE if char not in '"#<>?`{}^')
IN_QUERY = "".join(char for char in ASCII_LEFT_ALONE if char not in '"#<>')
IN_FRAGMENT = "".join(char for char in ASCII_LEFT_ALONE if char not in '"<>`')
"""What https://url.spec.whatwg.org/#percent-encoded-bytes leaves as it is."""

CONTROLS_AND_SPACE = "".join(chr(code) for code in range(0x21))


class NotAUrl(ValueError):
    """The text says why, as the platform puts it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts of a URL are kept beside its path."""

    query: bool = False
    fragment: bool = False


def trimmed(line: str) -> str:
    """Without the white space at both ends."""
    return re.sub(f"^[{WHITE}]+|[{WHITE}]+$", "", line)


def length_of(line: str) -> int:
    """As JavaScript counts: in UTF-16 units."""
    return len(line.encode("utf-16-le")) // 2


def relative_path(token: str) -> str:
    """A path of this site; `NotAUrl` for an absolute address."""
    if ADDRESS.match(token):
        message = "Only relative URLs are allowed."
        raise NotAUrl(message)
    return _path(token if token.startswith("/") else f"/{token}", Parts())


def path_or_address(token: str, keep: Parts, *, ports: bool) -> str:
    """A path of this site or an https address; `ports` says whether the latter may name a port."""
    found = ADDRESS.match(token)
    if found is None:
        if token.startswith("/"):
            return _path(token, keep)
        message = (
            "URLs should either be relative (e.g. begin with a forward-slash), or use HTTPS"
            ' (e.g. begin with "https://").'
        )
        raise NotAUrl(message)
    if not ports and HOST_WITH_PORT.search(found["host"]):
        message = f"Specifying ports is not supported. Skipping absolute URL {token}."
        raise NotAUrl(message)
    path = found["path"]
    return f"https://{found['host']}{_path(path if path.startswith('/') else f'/{path}', keep)}"


def has_host(url: str) -> bool:
    """Whether it leads to another site."""
    return ADDRESS.match(url) is not None


def _path(token: str, keep: Parts) -> str:
    """What a browser makes of `token`, with the parts that are to be kept."""
    whole = re.sub("[\t\n\r]", "", token.rstrip(CONTROLS_AND_SPACE))
    before, _, fragment = whole.partition("#")
    path, _, query = before.partition("?")
    encoded = quote(_without_dots(path), safe=IN_PATH)
    if keep.query and query:
        encoded += f"?{quote(query, safe=IN_QUERY)}"
    if keep.fragment and fragment:
        encoded += f"#{quote(fragment, safe=IN_FRAGMENT)}"
    return encoded


def _without_dots(path: str) -> str:
    """Without `.` and `..`, as a browser resolves them."""
    segments: list[str] = []
    given = path.split("/")[1:]
    for place, segment in enumerate(given):
        is_last = place == len(given) - 1
        match segment.lower().replace("%2e", "."):
            case "..":
                segments = segments[:-1] + ([""] if is_last else [])
            case ".":
                segments += [""] if is_last else []
            case _:
                segments.append(segment)
    return "/" + "/".join(segments)
