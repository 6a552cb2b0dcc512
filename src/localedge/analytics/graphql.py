"""Answers GraphQL about the invocations, in the platform's envelope: HTTP 200, `data` and `errors`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    build_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import VariablesInAllowedPositionRule

from localedge.analytics.dimensions import DIMENSIONS, split
from localedge.analytics.filters import BadFilter, earliest
from localedge.analytics.groups import Question, answer
from localedge.analytics.sampling import thinned
from localedge.analytics.schema import sdl
from localedge.state.model import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphql import GraphQLResolveInfo, SelectionSetNode

    from localedge.analytics.options import OptionStore
    from localedge.analytics.table import InvocationTable

TOKENS_MAX = 10_000
ERRORS_MAX = 10
LIMIT_MAX = 10_000
# Clients declare times as `string`, `String` or `Time`, and the platform takes them all.
RULES = [rule for rule in specified_rules if rule is not VariablesInAllowedPositionRule]


class Analytics:
    """The root of the schema. What it tells is what had been collected when it was asked."""

    def __init__(
        self,
        account_id: str,
        table: InvocationTable,
        options: OptionStore,
        *,
        edges_ms: Sequence[float],
        tag_of: Callable[[str], str],
    ) -> None:
        """`tag_of` gives a Worker's tag, and `""` for one that is no more."""
        self._account_id = account_id
        self._table = table
        self._options = options
        self._edges_ms = edges_ms
        self._tag_of = tag_of
        self._schema = build_schema(sdl())

    def run(self, query: str, variables: Mapping[str, Any], operation: str | None) -> dict[str, Any]:
        """The envelope. Whatever is wrong with the query is told in it."""
        try:
            document = parse(query, max_lexical_tokens=TOKENS_MAX)
        except GraphQLError as error:
            return envelope(None, [error])
        if errors := validate(self._schema, document, RULES, max_errors=ERRORS_MAX):
            return envelope(None, errors)
        # No resolver of ours is a coroutine, so it is never an awaitable.
        done = execute_sync(
            self._schema,
            document,
            root_value={"viewer": {"accounts": self._accounts}},
            variable_values=dict(variables),
            operation_name=operation,
        )
        return envelope(done.data, done.errors or [])

    def _accounts(
        self,
        info: GraphQLResolveInfo,
        **arguments: Any,  # noqa: ANN401 - as the schema has them
    ) -> list[dict[str, Any]]:
        del info
        asked = arguments.get("filter") or {}
        tags = [
            *(asked.get("accountTag_in") or ()),
            *([asked["accountTag"]] if "accountTag" in asked else ()),
        ]
        if any(tag != self._account_id for tag in tags):
            raise GraphQLError("not authorized for that account", extensions={"code": "authz"})
        account = {
            "accountTag": self._account_id,
            "workersInvocationsAdaptive": self._invocations,
            "pagesFunctionsInvocationsAdaptiveGroups": _no_pages,
        }
        return [account]

    def _invocations(
        self,
        info: GraphQLResolveInfo,
        limit: int,
        **arguments: Any,  # noqa: ANN401 - as the schema has them
    ) -> list[dict[str, Any]]:
        _check_limit(limit)
        options, wanted = self._options.get(), arguments.get("filter") or {}
        order = tuple(arguments.get("orderBy") or ())
        dimensions = tuple(name for name in _selected(info, "dimensions") if name in DIMENSIONS)
        question = Question(wanted, dimensions, order, limit, options.sample_interval)
        end = int(time.time()) - options.delay_seconds + 1
        try:
            rows = thinned(self._table.between(int(earliest(wanted)), end), options.sample_interval)
            return answer(split(rows), question, edges_ms=self._edges_ms, tag_of=self._tag_of)
        except BadFilter as error:
            raise GraphQLError(str(error), extensions={"code": "filter"}) from error


def envelope(data: object, errors: Sequence[GraphQLError]) -> dict[str, Any]:
    """As the platform has it: `errors` is null when there are none, `data` when there are some."""
    if not errors:
        return {"data": data, "errors": None}
    return {"data": None, "errors": [_told(error) for error in errors[:ERRORS_MAX]]}


def _told(error: GraphQLError) -> dict[str, Any]:
    path = None if error.path is None else [str(step) for step in error.path]
    return {
        "message": error.message,
        "path": path,
        "extensions": {"code": "graphql", "timestamp": utc_now(), **(error.extensions or {})},
    }


def _no_pages(info: GraphQLResolveInfo, limit: int, **asked: object) -> list[dict[str, Any]]:
    del info, asked
    _check_limit(limit)
    return []


def _check_limit(limit: object) -> None:
    if not isinstance(limit, int) or not 0 < limit <= LIMIT_MAX:
        message = f"limit must be positive number and not greater than {LIMIT_MAX}"
        raise GraphQLError(message, extensions={"code": "limit"})


def _selected(info: GraphQLResolveInfo, field: str) -> list[str]:
    """The names of what is asked for in one field below this one, in the order of the query."""
    inside = [
        name.name.value
        for node in info.field_nodes
        for one in _fields(info, node.selection_set)
        if one.name.value == field
        for name in _fields(info, one.selection_set)
    ]
    return list(dict.fromkeys(inside))


def _fields(info: GraphQLResolveInfo, selected: SelectionSetNode | None) -> Iterator[FieldNode]:
    """Those of fragments too; the rules have seen to it that no fragment holds itself."""
    for node in selected.selections if selected else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields(info, info.fragments[node.name.value].selection_set)
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(info, node.selection_set)
