"""The GraphQL schema: the part of the platform's that is about invocations of Workers, with its names.

Cloudflare's own is found by introspection (https://developers.cloudflare.com/analytics/graphql-api/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.analytics.dimensions import DIMENSIONS, INTERVALS
from localedge.analytics.filters import LISTS, OPERATORS
from localedge.analytics.groups import QUANTILES
from localedge.analytics.quantiles import PERCENTILES

if TYPE_CHECKING:
    from collections.abc import Iterable

SUMS = {
    "requests": "uint64!",
    "errors": "uint64!",
    "clientDisconnects": "uint64",
    "subrequests": "uint64",
    "responseBodySize": "uint64",
    "cpuTimeUs": "uint64!",
    "wallTime": "uint64!",
    "requestDuration": "uint64!",
    "duration": "float64!",
}
UNKNOWN = '"The local edge does not know it: null." '
NAME = "AccountWorkersInvocationsAdaptive"


def sdl() -> str:
    """The schema in GraphQL's language."""
    return f"""
scalar string
scalar uint64
scalar float64
scalar Time
scalar Date
scalar DateTime

type Query {{ viewer: viewer }}
type viewer {{ accounts(filter: AccountFilter_InputObject, limit: uint64): [account!] }}
input AccountFilter_InputObject {{ accountTag: string, accountTag_in: [string!] }}

type account {{
  accountTag: string!
  "Beginning in 1-second intervals; by the minute when they are older than 15 minutes."
  workersInvocationsAdaptive(
    limit: uint64!, filter: {NAME}Filter_InputObject, orderBy: [{NAME}OrderBy!]
  ): [{NAME}!]!
  "Always empty: the local edge has no Pages."
  pagesFunctionsInvocationsAdaptiveGroups(
    limit: uint64!, filter: {NAME}Filter_InputObject, orderBy: [{NAME}OrderBy!]
  ): [{NAME}!]!
}}

type {NAME} {{
  count: uint64!
  sum: {NAME}Sum
  avg: {NAME}Avg
  quantiles: {NAME}Quantiles
  dimensions: {NAME}Dimensions
}}
type {NAME}Avg {{ "Of so many invocations one is kept." sampleInterval: float64! }}
type {NAME}Sum {{ {_fields((name, kind) for name, kind in SUMS.items())} }}
type {NAME}Quantiles {{ {_fields(_quantile_fields())} }}
type {NAME}Dimensions {{ {_fields((name, kind_of(name) + "!") for name in DIMENSIONS)} }}
input {NAME}Filter_InputObject {{
  AND: [{NAME}Filter_InputObject!]
  OR: [{NAME}Filter_InputObject!]
  {" ".join(_filters())}
}}
enum {NAME}OrderBy {{ {" ".join(_orders())} }}
"""


def kind_of(dimension: str) -> str:
    """The scalar of a dimension."""
    if dimension == "isDispatcher":
        return "uint64"
    if dimension == "date":
        return "Date"
    return "Time" if dimension in INTERVALS else "string"


def _fields(pairs: Iterable[tuple[str, str]]) -> str:
    return " ".join(f"{'' if kind.endswith('!') else UNKNOWN}{name}: {kind}" for name, kind in pairs)


def _quantile_fields() -> list[tuple[str, str]]:
    kinds = {"duration": "float64!", "responseBodySize": "float64"}
    return [(f"{name}{per}", kinds.get(name, "float64!")) for name in QUANTILES for per in PERCENTILES]


def _filters() -> list[str]:
    plain = [f"{name}: {kind_of(name)}" for name in DIMENSIONS]
    compared = [
        f"{name}_{operator}: {f'[{kind_of(name)}!]' if operator in LISTS else kind_of(name)}"
        for name in DIMENSIONS
        for operator in OPERATORS
    ]
    return plain + compared


def _orders() -> list[str]:
    measures = [
        "count",
        "avg_sampleInterval",
        *(f"sum_{name}" for name in SUMS),
        *(f"quantiles_{name}{per}" for name in QUANTILES for per in PERCENTILES),
    ]
    return [f"{name}_{way}" for name in (*DIMENSIONS, *measures) for way in ("ASC", "DESC")]
