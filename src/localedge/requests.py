"""Reading requests: JSON bodies, pages, names, and who sent them."""

from __future__ import annotations

import datetime
import json
import re
from typing import TYPE_CHECKING, Any

from localedge.envelope import Page
from localedge.errors import CODE_MALFORMED, CODE_TOO_LARGE, Invalid, TooLarge
from localedge.state.model import written

if TYPE_CHECKING:
    from starlette.requests import Request

    from localedge.access.guard import Caller

CODE_NAME_INVALID = 10016
SCRIPT_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?")
SCRIPT_NAMES = (
    "it has up to 63 lower-case letters, digits, dashes and underscores, and begins and ends with a letter"
    " or digit"
)

JSON_BYTES_MAX = 1024 * 1024
CALLER = "localedge.caller"
"""Where a request's scope says who sent it."""


async def read_json(request: Request, *, bytes_max: int = JSON_BYTES_MAX) -> object:
    """The JSON body; `Invalid` when it is none, `TooLarge` when it is too long."""
    body = await request.body()
    if len(body) > bytes_max:
        raise TooLarge(CODE_TOO_LARGE, f"the body has {len(body)} bytes, at most {bytes_max} are taken here")
    return parse_json(body, "the body")


def parse_json(text: bytes, name: str) -> object:
    """What a JSON text says; `Invalid` when it is none, or holds what cannot be written as UTF-8."""
    try:
        parsed: object = json.loads(text)
        # JSON may hold half of a surrogate pair, `"\\ud800"`, which no file and no answer can.
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Invalid(CODE_MALFORMED, f"{name} holds half of a surrogate pair, which is no text") from error
    except ValueError as error:
        raise Invalid(CODE_MALFORMED, f"{name} is not JSON: {error}") from error
    except RecursionError as error:
        raise Invalid(CODE_MALFORMED, f"{name} is nested too deeply") from error
    return parsed


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise Invalid(CODE_MALFORMED, "the body has to be a JSON object")
    return body


def script_name(request: Request) -> str:
    """The Worker's name in the path; it becomes a part of its host name, so it has to be fit for one."""
    name = str(request.path_params["script"])
    if not SCRIPT_NAME.fullmatch(name):
        message = f"invalid Worker name {name!r}: {SCRIPT_NAMES}"
        raise Invalid(CODE_NAME_INVALID, message)
    return name


def page_of(request: Request, *, size: int, size_max: int) -> Page:
    """`page` and `per_page` of the query."""
    return Page(
        number=read_number(request, "page", default=1, lowest=1, highest=1_000_000),
        size=read_number(request, "per_page", default=size, lowest=1, highest=size_max),
    )


def read_number(request: Request, name: str, *, default: int, lowest: int, highest: int) -> int:
    """A whole number of the query; one that is too high is lowered."""
    given = request.query_params.get(name)
    if given is None:
        return default
    if not re.fullmatch(r"\d{1,12}", given) or int(given) < lowest:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a whole number, at least {lowest}")
    return min(int(given), highest)


def read_time(request: Request, name: str, *, default: str) -> str:
    """A time of the query, as the API writes times."""
    given = request.query_params.get(name)
    if given is None:
        return default
    try:
        return written(datetime.datetime.fromisoformat(given))
    except ValueError as error:
        raise Invalid(CODE_MALFORMED, f"{name} has to be a time such as 2026-01-31T12:00:00Z") from error


def flag(request: Request, name: str) -> bool:
    """Whether the query says `name=true`."""
    return request.query_params.get(name, "").lower() == "true"


def source_of(request: Request) -> str:
    """Which kind of client this is, as the platform names it."""
    agent = request.headers.get("user-agent", "").lower()
    return next((name for name in ("wrangler", "terraform") if name in agent), "api")


def caller_of(request: Request) -> Caller:
    """Who sent a request that was let through."""
    caller: Caller = request.scope[CALLER]
    return caller
