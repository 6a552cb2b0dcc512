"""Settings of R2 buckets: lifecycle rules and the public address; what would have no effect is refused."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import ALL, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_MALFORMED, Invalid, NotThere
from localedge.r2.lifecycle import read_rules
from localedge.requests import read_object
from localedge.resources import BUCKETS
from localedge.resources.r2_lookup import bucket_of
from localedge.resources.r2_s3 import PUBLIC

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.r2.table import Bucket

ONE = BUCKETS + "/{bucket}"
LIFECYCLE, MANAGED = f"{ONE}/lifecycle", f"{ONE}/domains/managed"
CUSTOM = f"{ONE}/domains/custom"

COVERAGE = (
    Endpoint("GET", LIFECYCLE, "lifecycle rules", (Client.WRANGLER, Client.PYTHON_SDK)),
    Endpoint(
        "PUT", LIFECYCLE, "set rules that delete objects by age or date", (Client.WRANGLER, Client.PYTHON_SDK)
    ),
    Endpoint("GET", MANAGED, "the public address", ALL),
    Endpoint("PUT", MANAGED, "switch the public address on or off", ALL),
    Endpoint("GET", CUSTOM, "custom domains, of which there are none", (Client.PYTHON_SDK,)),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    settings = BucketSettings(edge)
    return [
        Route(LIFECYCLE, settings.get_lifecycle, methods=["GET"]),
        Route(LIFECYCLE, settings.put_lifecycle, methods=["PUT"]),
        Route(MANAGED, settings.get_managed, methods=["GET"]),
        Route(MANAGED, settings.put_managed, methods=["PUT"]),
        Route(CUSTOM, settings.list_custom, methods=["GET"]),
    ]


class BucketSettings:
    """How a bucket behaves."""

    def __init__(self, edge: Edge) -> None:
        self._table = edge.buckets
        self._origin = edge.addresses.api_origin

    async def get_lifecycle(self, request: Request) -> Response:
        return ok({"rules": list(bucket_of(self._table, request).lifecycle)})

    async def put_lifecycle(self, request: Request) -> Response:
        """All rules anew."""
        bucket, rules = bucket_of(self._table, request), read_rules(await read_object(request))
        self._table.change(dataclasses.replace(bucket, lifecycle=rules))
        return ok({})

    async def get_managed(self, request: Request) -> Response:
        return ok(self._managed(bucket_of(self._table, request)))

    async def put_managed(self, request: Request) -> Response:
        bucket, enabled = bucket_of(self._table, request), (await read_object(request)).get("enabled")
        if not isinstance(enabled, bool):
            raise Invalid(CODE_MALFORMED, "enabled has to be true or false")
        if enabled and bucket.jurisdiction != "default":
            raise NotThere("the public address of a bucket with a jurisdiction")
        changed = dataclasses.replace(bucket, is_public=enabled)
        self._table.change(changed)
        return ok(self._managed(changed))

    async def list_custom(self, request: Request) -> Response:
        bucket_of(self._table, request)
        return ok({"domains": []})

    def _managed(self, bucket: Bucket) -> dict[str, Any]:
        """The domain is told with a path, which the platform's has not: there is one host for all buckets."""
        host = self._origin.partition("://")[2]
        bucket_id = hashlib.sha256(f"{bucket.store} {bucket.created_on}".encode()).hexdigest()[:32]
        return {
            "bucketId": bucket_id,
            "domain": f"{host}{PUBLIC}/{bucket.name}",
            "enabled": bucket.is_public,
        }
