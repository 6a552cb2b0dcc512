"""Write docs/reference/local-edge-coverage.md from what the local edge tells of itself.

.venv/bin/python -m tools.coverage_page            write it
.venv/bin/python -m tools.coverage_page --check    say whether it is up to date, write nothing
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from localedge.app import told_endpoints
from localedge.features import FEATURES
from localedge.resources import ACCOUNT, ROOT, absent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from localedge.coverage import Endpoint

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "local-edge-coverage.md"

INTRODUCTION = """\
# What the local edge has

<!-- Written by tools/coverage_page.py from what src/localedge tells of itself. -->

Every endpoint, binding and feature of [the local edge](../concepts/local-edge.md), and how it is known to
work. A client that is named is driven through the endpoint by the tests, unchanged. *Schema* means that no
such client was seen to use it: it answers as the published API reference has it, and the tests send the
requests themselves. What is not there is answered with status 501, never with a success that is none.
"""


def main(arguments: list[str]) -> int:
    """Exit code: 0; with `--check`, 1 if the page is not what it should be."""
    wanted = page()
    if arguments == ["--check"]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        print(f"docs/reference/{PAGE.name} is not up to date: run python -m tools.coverage_page")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


def page() -> str:
    """The page, as Markdown."""
    return "\n".join((INTRODUCTION, *_features(), *_endpoints(told_endpoints()), *_absent())).rstrip() + "\n"


def _features() -> Iterator[str]:
    yield "## Bindings and features\n\n| name | what | seen | differs |\n|---|---|---|---|"
    for feature in FEATURES:
        yield f"| {feature.name} | {feature.what} | {feature.seen} | {feature.limits} |"
    yield ""


def _endpoints(endpoints: Sequence[Endpoint]) -> Iterator[str]:
    yield "## Endpoints\n"
    for room, inside in groupby(sorted(endpoints, key=_place), key=lambda endpoint: _place(endpoint)[0]):
        yield f"### `{room}`\n\n| method | path | what | seen with |\n|---|---|---|---|"
        for endpoint in inside:
            seen = ", ".join(endpoint.by) or "*schema*"
            yield f"| {endpoint.method} | `{_place(endpoint)[1] or '/'}` | {endpoint.what} | {seen} |"
        yield ""


def _place(endpoint: Endpoint) -> tuple[str, str, str]:
    """The room that an endpoint is listed in, the rest of its path, its method."""
    path = endpoint.path.replace(":path}", "}")
    start = f"{ACCOUNT}/"
    if not path.startswith(start):
        return ("/", path, endpoint.method)
    words = path.removeprefix(start).split("/")
    room = "/".join(words[:2])
    return (f"{start}{room}", "/".join(words[2:]), endpoint.method)


def _absent() -> Iterator[str]:
    yield "## Not there\n"
    yield f"In the account: {_names(absent.ABSENT_IN_ACCOUNT)}.\n"
    yield f"Of an R2 bucket: {_names(absent.ABSENT_IN_BUCKET)}.\n"
    yield f"In a Worker: {_names(absent.ABSENT_IN_SCRIPT)}.\n"
    yield f"Under `{ROOT}`: {_names(absent.ABSENT_AT_ROOT)}."


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
