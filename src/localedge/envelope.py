"""The envelope round every answer: `{success, errors, messages, result[, result_info]}`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.errors import ApiError

Item = TypeVar("Item")


def ok(
    result: object,
    *,
    info: Mapping[str, Any] | None = None,
    status: int = 200,
    messages: Sequence[Mapping[str, Any]] = (),
) -> JSONResponse:
    """An answer that worked; `info` is the `result_info` of a list."""
    body: dict[str, Any] = {"success": True, "errors": [], "messages": list(messages), "result": result}
    if info is not None:
        body["result_info"] = dict(info)
    return JSONResponse(body, status_code=status)


def failed(error: ApiError) -> JSONResponse:
    """An answer that did not; the HTTP status is the error's own."""
    told = ((error.code, error.message), *error.also)
    errors = [{"code": code, "message": message} for code, message in told]
    body = {"success": False, "errors": errors, "messages": [], "result": None}
    return JSONResponse(body, status_code=error.status, headers=error.headers)


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted. Past the last page a list is empty, which makes clients stop."""

    number: int
    size: int

    def cut(self, items: Sequence[Item]) -> list[Item]:
        start = (self.number - 1) * self.size
        return list(items[start : start + self.size])

    def info(self, *, count: int, total: int) -> dict[str, int]:
        return {
            "page": self.number,
            "per_page": self.size,
            "count": count,
            "total_count": total,
            "total_pages": -(-total // self.size),
        }
