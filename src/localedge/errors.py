"""What the API refuses, as exceptions with the platform's HTTP status and error code.

ApiError
├── Invalid              400   a request that makes no sense; also a script that does not start
├── Unauthenticated      401
├── Forbidden            403
├── Missing              404
├── Conflict             409
├── TooLarge             413
├── Throttled            429
├── NotThere             501   the platform has it, the local edge does not
└── Busy                 503   no room for it now
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApiError(Exception):
    """An answer with `success: false`. The text is for people: what happened, and what to do next."""

    status = 500
    also: tuple[tuple[int, str], ...] = ()
    """Further errors, code and message, that the platform tells with this one."""

    def __init__(self, code: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class Invalid(ApiError):
    """The request makes no sense, or asks for a script that does not start."""

    status = 400


class Unauthenticated(ApiError):
    """No token came, or one that is not the edge's."""

    status = 401


class Forbidden(ApiError):
    """The token is not for this."""

    status = 403


class Missing(ApiError):
    """There is no such thing."""

    status = 404


class Conflict(ApiError):
    """It cannot be done in the state that things are in."""

    status = 409


class TooLarge(ApiError):
    """The body is larger than is taken here."""

    status = 413


class Throttled(ApiError):
    """Too many requests came; the header `retry-after` says when the next is welcome."""

    status = 429


class NotThere(ApiError):
    """The platform has it, the local edge does not."""

    status = 501

    def __init__(self, what: str) -> None:
        super().__init__(CODE_NOT_THERE, f"{what}: the platform has this, the local edge does not (yet)")


class Busy(ApiError):
    """There is no room for it now."""

    status = 503


CODE_THROTTLED = 971
CODE_AUTHENTICATION = 10000
CODE_TOKEN_INVALID = 1000
CODE_FOREIGN_ACCOUNT = 9109
CODE_NO_URI = 7000
CODE_NO_ROUTE = 7003
CODE_METHOD = 7001
CODE_SCRIPT_MISSING = 10007
CODE_SERVICE_MISSING = 10090
CODE_BUCKET_TAKEN = 10004
CODE_BUCKET_NAME = 10005
CODE_BUCKET_MISSING = 10006
CODE_BUCKET_NOT_EMPTY = 10008
CODE_BUCKET_OF_BINDING = 10085
CODE_LENGTH_MISSING = 10033
CODE_OBJECT_TOO_LARGE = 100100
CODE_KEY_MISSING = 10009
CODE_NAMESPACE_MISSING = 10013
CODE_NAMESPACE_TAKEN = 10014
CODE_VALIDATION = 10021
CODE_MALFORMED = 10026
CODE_TOO_LARGE = 10027
CODE_NAMESPACE_OF_BINDING = 10041
CODE_BINDING_MISSING = 10056
CODE_INHERIT_INVALID = 10057
CODE_ZONE_MISSING = 1001
CODE_ZONE_NAME = 1049
CODE_ZONE_TAKEN = 1061
CODE_ROUTE_MISSING = 10009
CODE_ROUTE_SCRIPT_MISSING = 10019
CODE_ROUTE_TAKEN = 10020
CODE_ROUTE_PATTERN = 10022
CODE_SUBDOMAIN_TAKEN = 10036
CODE_DOMAIN_TAKEN = 100116
CODE_DOMAIN_MISSING = 10134
CODE_VERSION_MISSING = 10130
CODE_DEPLOYMENT_MISSING = 10131
CODE_TAIL_MISSING = 10132
CODE_SETTINGS_NOT_DEPLOYED = 10214
CODE_SECRET_NOT_DEPLOYED = 10215
CODE_SECRETS_CHANGED = 10220
CODE_NO_VERSIONS = 10222
CODE_NOT_THERE = 10501
CODE_QUEUE_MISSING = 11000
CODE_ASSET_RULES = 100324
CODE_TOO_MANY_VERSIONS = 10503
CODE_INTERNAL = 10002


def script_missing(name: str) -> Missing:
    """The answer of `workers/scripts`."""
    return Missing(CODE_SCRIPT_MISSING, f"This Worker does not exist on your account: {name}")


def service_missing(name: str) -> Missing:
    """The answer of `workers/services`, by which wrangler knows that a deploy is the first."""
    return Missing(CODE_SERVICE_MISSING, f"workers.api.error.service_not_found: {name}")


def version_missing(script: str, version_id: str) -> Missing:
    """The Worker is there, the version is not."""
    return Missing(CODE_VERSION_MISSING, f"Worker {script} has no version {version_id}")


def namespace_missing(namespace_id: str) -> Missing:
    """There is no such KV namespace."""
    return Missing(CODE_NAMESPACE_MISSING, f"namespace not found: {namespace_id}")


def zone_missing(zone: str) -> Missing:
    """There is no such zone, by id, by name or by a host in it."""
    return Missing(CODE_ZONE_MISSING, f"no zone here is, or holds, {zone}; add it: POST /zones with its name")


def no_route(path: str) -> Missing:
    """Nobody offers this path."""
    missing = Missing(CODE_NO_ROUTE, f"Could not route to {path}, perhaps your object identifier is invalid?")
    missing.also = ((CODE_NO_URI, "No route for that URI"),)
    return missing


def no_method(method: str) -> ApiError:
    """The path is there, but not for this method."""
    error = ApiError(CODE_METHOD, f"Method {method} not available for that URI.")
    error.status = 405
    return error
