"""Rules of assets are read as Cloudflare's own parser, which is in Miniflare's bundle, reads them."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from localedge.assets.headers import parse_headers
from localedge.assets.redirects import parse_redirects
from localedge.assets.routing import read_routing
from localedge.errors import Invalid
from tests.localedge.wrangler import NODE, REPOSITORY

BUNDLE = REPOSITORY / "node_modules/miniflare/dist/src/index.js"
BEGIN, END = "// ../workers-shared/utils/configuration/constants.ts", "// ../../node_modules/"

CALLS = """
const logger = { log() {}, warn() {}, info() {} };
const parse = {
  headers({ text }) {
    const headers = parseHeaders(text);
    return { found: constructHeaders({ headers, logger }).headers, faults: headers.invalid.length };
  },
  redirects({ text, htmlHandling }) {
    const redirects = parseRedirects(text, { htmlHandling });
    return { found: constructRedirects({ redirects, logger }).redirects, faults: redirects.invalid.length };
  },
  routing({ patterns }) {
    try { return { found: parseStaticRouting(patterns) }; } catch { return { found: null }; }
  },
};
const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(([kind, given]) => parse[kind](given))));
"""

HEADERS = [
    "",
    "# only a comment\n",
    "/*\n  X-A: one\n  x-a: two\n  ! Server\n/b\n\tLink: </a>; rel=x, <https://b.c/d>\n",
    "/a\n/b\n  X: y",
    "X-A: before any path",
    "no colon before any path",
    "/a\n  Name With Space: x\n  : no name\n  No-Value:\n  nothing",
    "/a*b*\n  X: y\n/c\n  X: y",
    "/*/:splat\n  X: y\n/*/:splatter\n  X: y",
    "https://example.com:8080/a\n  X: y\nhttps://example.com/a?b#c\n  X: y\nhttp://example.com\n  X: y\n",
    "https://*.example.com\n  X: :a",
    "/ä b\"<>`{}|^~[]'\n  X: y\n/a/../b/./c/%2e%2E/d/.\n  X: y\n//x\n  X: y\n/..\n  X: y",
    "/a\r\n  X: y\r\n\r\n/b\r\n  Z: w\r\n",
    "/\ufeff\n\u00a0\u2003X: y\u3000\n",
    "/long\n  X: " + "y" * 2_000 + "\n  Z: w",
    "/astral\n  X: " + "\U0001f600" * 998 + "\n  Z: w",
    "".join(f"/{number}\n  X: y\n" for number in range(103)),
    "/twice\n  X: 1\n/other\n  X: 2\n/twice\n  X: 3",
]
REDIRECTS = [
    "",
    "/a /b\n/c /d 301\n/e /f 307 # moved\n/g https://x.y/z?q=1#f 308",
    "/a\n/a /b /c /d\n/a /b 404\n/a /b abc\n/a /b 3e2\n/b /c 302.0\n/c /d +301\n/d /e 0302",
    "/a /b\n/a /c\n/* /d/:splat\n/e /f\n/* /g",
    "https://x.y/a /b\n/c ftp://x\n/c x\nnoslash /x\n/p https://x.y:80/z",
    "/p /q 200\n/r https://x.y/z 200\n/r /s",
    "/* /index.html 200\n/a/* /index\n/ /index.html\n/b/ /b/index.html\n/c /index.html\n/* https://x.y/index.html",
    "/ü /é?ä#ö\n/a?b /c\n/d#e /f\n/g /h?\n/i /j#\n/k /l?a b",
    "/:a/:b /:b/:a\n/:1 /x\n/*/* /x/:splat",
    "/a\t\t/b\u00a0301\n \ufeff/c\u3000/d\n",
    "/x " + "/y" * 1_000,
    "".join(f"/{number} /x\n" for number in range(2_003)),
    "".join(f"/{number}/* /x\n" for number in range(103)),
    "/*/a /x\n" + "".join(f"/{number} /x\n" for number in range(103)),
    "/./a/../b /../c/..\n/%2e/d /e/%2E%2e/f\n//g //h\n/i\\j /k\\l\n/m'n /o'p?'",
]
ROUTING: list[list[str]] = [
    [],
    ["/*"],
    ["/api/*", "!/api/docs/*"],
    ["!/only"],
    ["!x", "/a"],
    ["a"],
    ["/a", "/a"],
    ["/a/*", "/a/b"],
    ["!/a/*", "!/a/b", "/c"],
    ["/" + "a" * 100],
    ["/" + "a" * 99],
    [f"/{number}" for number in range(101)],
]


def as_cloudflare(asked: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """What the parser in Miniflare's bundle makes of it."""
    bundle = BUNDLE.read_text()
    code = bundle[bundle.index(BEGIN) :]
    code = code[: code.index(END)].replace('require("node:path")', '({ relative: () => "" })')
    done = subprocess.run(
        [*NODE, "-e", code + CALLS],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


@pytest.fixture(scope="module")
def theirs() -> dict[str, list[dict[str, Any]]]:
    handlings = (None, "none")
    asked: list[tuple[str, dict[str, Any]]] = [
        *(("headers", {"text": text}) for text in HEADERS),
        *(
            ("redirects", {"text": text, "htmlHandling": handling})
            for handling in handlings
            for text in REDIRECTS
        ),
        *(("routing", {"patterns": patterns}) for patterns in ROUTING),
    ]
    answers: dict[str, list[dict[str, Any]]] = {"headers": [], "redirects": [], "routing": []}
    for (kind, _), answer in zip(asked, as_cloudflare(asked), strict=True):
        answers[kind].append(answer)
    return answers


def test_headers_are_read_as_cloudflare_reads_them(theirs: dict[str, list[dict[str, Any]]]) -> None:
    for text, wanted in zip(HEADERS, theirs["headers"], strict=True):
        parsed = parse_headers(text)
        assert (parsed.configuration(), len(parsed.faults)) == (wanted.get("found"), wanted["faults"]), text[
            :200
        ]


def test_redirects_are_read_as_cloudflare_reads_them(theirs: dict[str, list[dict[str, Any]]]) -> None:
    cases = [(text, handling) for handling in (None, "none") for text in REDIRECTS]
    for (text, handling), wanted in zip(cases, theirs["redirects"], strict=True):
        parsed = parse_redirects(text, html_handling=handling)
        assert (parsed.configuration(), len(parsed.faults)) == (wanted.get("found"), wanted["faults"]), text[
            :200
        ]


def test_routing_is_read_as_cloudflare_reads_it(theirs: dict[str, list[dict[str, Any]]]) -> None:
    for patterns, wanted in zip(ROUTING, theirs["routing"], strict=True):
        try:
            found = read_routing(patterns)
        except Invalid:
            found = None
        assert found == wanted["found"], patterns
