"""R2 buckets: create, list, change, delete."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import (
    CODE_BUCKET_NAME,
    CODE_BUCKET_NOT_EMPTY,
    CODE_BUCKET_TAKEN,
    CODE_MALFORMED,
    Conflict,
    Invalid,
)
from localedge.r2.table import Bucket, NameTaken
from localedge.requests import read_number, read_object
from localedge.resources import BUCKETS
from localedge.resources.r2_lookup import STORAGE_CLASSES, bucket_of, jurisdiction_of
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge

NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
LOCATIONS = ("apac", "eeur", "enam", "oc", "weur", "wnam")
LOCATION = "enam"
CLASS_HEADER = "cf-r2-storage-class"

ONE = BUCKETS + "/{bucket}"

COVERAGE = (
    Endpoint(
        "GET",
        BUCKETS,
        "list (`cursor`, `per_page`, `name_contains`, `start_after`, `order`, `direction`)",
        ALL,
    ),
    Endpoint("POST", BUCKETS, "create", ALL),
    Endpoint("GET", ONE, "one", ALL),
    Endpoint(
        "PATCH", ONE, "change its storage class, which is remembered", (Client.WRANGLER, Client.PYTHON_SDK)
    ),
    Endpoint("DELETE", ONE, "delete, if it is empty", ALL),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    buckets = Buckets(edge)
    return [
        Route(BUCKETS, buckets.list_all, methods=["GET"]),
        Route(BUCKETS, buckets.create, methods=["POST"]),
        Route(ONE, buckets.get, methods=["GET"]),
        Route(ONE, buckets.change, methods=["PATCH"]),
        Route(ONE, buckets.delete, methods=["DELETE"]),
    ]


class Buckets:
    """The places that objects are in."""

    def __init__(self, edge: Edge) -> None:
        self._table = edge.buckets
        self._r2 = edge.r2

    async def list_all(self, request: Request) -> Response:
        """Of one jurisdiction. The cursor is the name of the last bucket of the page before."""
        size = read_number(request, "per_page", default=20, lowest=1, highest=1000)
        wanted = _wanted(self._table.of(jurisdiction_of(request)), request)
        page = wanted[:size]
        cursor = page[-1].name if len(wanted) > size else ""
        info = {"per_page": size, "cursor": cursor} if cursor else {"per_page": size}
        return ok({"buckets": [_show(bucket) for bucket in page]}, info=info)

    async def create(self, request: Request) -> Response:
        bucket = _new(await read_object(request), jurisdiction_of(request))
        try:
            self._table.add(bucket)
        except NameTaken as taken:
            message = "The bucket you tried to create already exists, and you own it."
            raise Conflict(CODE_BUCKET_TAKEN, message) from taken
        return ok(_show(bucket))

    async def get(self, request: Request) -> Response:
        return ok(_show(bucket_of(self._table, request)))

    async def change(self, request: Request) -> Response:
        bucket = bucket_of(self._table, request)
        storage_class = _one_of(STORAGE_CLASSES, CLASS_HEADER, request.headers.get(CLASS_HEADER))
        changed = dataclasses.replace(bucket, storage_class=storage_class)
        self._table.change(changed)
        return ok(_show(changed))

    async def delete(self, request: Request) -> Response:
        bucket = bucket_of(self._table, request)
        objects, _ = await self._r2.usage(bucket.store)
        if objects:
            message = (
                f"The bucket you tried to delete ({bucket.name}) is not empty: it has {objects} objects."
            )
            raise Conflict(CODE_BUCKET_NOT_EMPTY, message)
        self._table.delete(bucket)
        return ok({})


def _wanted(buckets: list[Bucket], request: Request) -> list[Bucket]:
    """The buckets that the query asks for, in its order, from behind the cursor on."""
    query = request.query_params
    if query.get("order", "name") != "name" or query.get("direction", "asc") not in ("asc", "desc"):
        raise Invalid(CODE_MALFORMED, "order has to be name, direction has to be asc or desc")
    descending = query.get("direction") == "desc"
    part, start = query.get("name_contains", ""), query.get("cursor") or query.get("start_after") or ""
    found = [bucket for bucket in buckets if part in bucket.name]
    if start:
        found = [bucket for bucket in found if (bucket.name < start if descending else bucket.name > start)]
    return found[::-1] if descending else found


def _new(body: dict[str, Any], jurisdiction: str) -> Bucket:
    """The bucket that a request wants made."""
    name = body.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        message = (
            "The specified bucket name is not valid: it takes 3 to 63 lower-case letters, digits and dashes,"
            " and begins and ends with a letter or digit."
        )
        raise Invalid(CODE_BUCKET_NAME, message)
    location = _one_of(LOCATIONS, "locationHint", str(body.get("locationHint") or LOCATION).lower())
    return Bucket(
        name=name,
        jurisdiction=jurisdiction,
        created_on=utc_now(),
        location=location,
        storage_class=_one_of(STORAGE_CLASSES, "storageClass", body.get("storageClass") or "Standard"),
    )


def _one_of(allowed: tuple[str, ...], name: str, given: object) -> str:
    if not isinstance(given, str) or given not in allowed:
        raise Invalid(CODE_MALFORMED, f"{name} has to be one of {', '.join(allowed)}")
    return given


def _show(bucket: Bucket) -> dict[str, Any]:
    return {
        "name": bucket.name,
        "creation_date": bucket.created_on,
        "location": bucket.location,
        "storage_class": bucket.storage_class,
        "jurisdiction": bucket.jurisdiction,
    }
