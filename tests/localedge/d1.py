"""D1 in tests: a database of the test's own, spoken to over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.localedge.client import Answer, RunningEdge


@dataclass(frozen=True, slots=True)
class Database:
    """A database by its id."""

    edge: RunningEdge
    id: str

    @classmethod
    def created(cls, edge: RunningEdge, name: str) -> Database:
        answer = edge.api("POST", "/d1/database", json={"name": name})
        assert answer.status == 200, answer
        return cls(edge, str(answer.result["uuid"]))

    @property
    def path(self) -> str:
        return f"/d1/database/{self.id}"

    def ask(self, sql: str, *params: object) -> Answer:
        return self.edge.api("POST", f"{self.path}/query", json={"sql": sql, "params": list(params)})

    def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        """The rows of the last statement."""
        answer = self.ask(sql, *params)
        assert answer.status == 200, answer
        rows: list[dict[str, Any]] = answer.result[-1]["results"]
        return rows

    def bookmark(self, query: str = "") -> str:
        return str(self.edge.api("GET", f"{self.path}/time_travel/bookmark{query}").result["bookmark"])

    def restore(self, bookmark: str) -> Answer:
        return self.edge.api("POST", f"{self.path}/time_travel/restore?bookmark={bookmark}")

    def content(self) -> str:
        """Everything in it, virtual tables as rows of the tables behind them."""
        schema = self.rows("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
        tables = [one["name"] for one in schema if one["type"] == "table" and not _hidden(one["name"])]
        return repr([schema, *(self.table(name) for name in tables)])

    def table(self, name: str) -> list[str]:
        """Each row with the type and the exact value of each column, also of a text that has NULs."""
        table = quoted(name)
        columns = [quoted(column["name"]) for column in self.rows(f"PRAGMA table_info({table})")]
        exact = "typeof({0}) || quote({0}) || hex({0})"
        shown = " || ',' || ".join(exact.format(column) for column in columns)
        return sorted(row["x"] for row in self.rows(f"SELECT {shown} AS x FROM {table}"))  # noqa: S608


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _hidden(name: str) -> bool:
    return name.startswith(("_cf_", "sqlite_stat"))
