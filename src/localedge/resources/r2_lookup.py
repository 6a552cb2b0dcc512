"""The bucket that a request names, and R2's refusals as the API answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from localedge.errors import CODE_BUCKET_MISSING, CODE_MALFORMED, ApiError, Invalid, Missing
from localedge.r2.table import DEFAULT_JURISDICTION

if TYPE_CHECKING:
    from starlette.requests import Request

    from localedge.r2.store import R2Refused
    from localedge.r2.table import Bucket, BucketTable

JURISDICTIONS = (DEFAULT_JURISDICTION, "eu", "us", "fedramp", "fedramp-high")
STORAGE_CLASSES = ("Standard", "InfrequentAccess")


def jurisdiction_of(request: Request) -> str:
    """The header `cf-r2-jurisdiction`."""
    found = request.headers.get("cf-r2-jurisdiction") or DEFAULT_JURISDICTION
    if found not in JURISDICTIONS:
        raise Invalid(CODE_MALFORMED, f"cf-r2-jurisdiction has to be one of {', '.join(JURISDICTIONS)}")
    return found


def bucket_of(table: BucketTable, request: Request) -> Bucket:
    """The bucket in the path, of the jurisdiction in the header."""
    bucket = table.get(request.path_params["bucket"], jurisdiction_of(request))
    if bucket is None:
        raise Missing(CODE_BUCKET_MISSING, "The specified bucket does not exist.")
    return bucket


def refuse(refused: R2Refused) -> NoReturn:
    """R2's own status, code and words."""
    error = ApiError(refused.code, str(refused))
    error.status = refused.status
    raise error from refused
