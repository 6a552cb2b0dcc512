"""D1: databases, queries, files in and out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.localedge.d1 import Database

if TYPE_CHECKING:
    from tests.localedge.client import Answer, RunningEdge

ODD = 'it\'s "odd"; -- é😀\n\r\\n\t'


@pytest.fixture
def db(edge: RunningEdge, script: str) -> Database:
    return Database.created(edge, script)


def test_a_database_is_created_found_changed_and_deleted(edge: RunningEdge, script: str) -> None:
    created = edge.api("POST", "/d1/database", json={"name": script, "primary_location_hint": "weur"}).result
    assert (created["name"], created["version"], created["num_tables"]) == (script, "production", 0)
    path = f"/d1/database/{created['uuid']}"
    assert edge.api("GET", path).result == created
    assert edge.api("GET", f"/d1/database/{script}?fields=uuid,name").result == {
        "uuid": created["uuid"],
        "name": script,
    }
    Database(edge, created["uuid"]).rows("CREATE TABLE t (a)")
    shown = edge.api("GET", path).result
    assert (shown["num_tables"], shown["file_size"] > 0) == (1, True)
    replication = {"read_replication": {"mode": "auto"}}
    assert edge.api("PUT", path, json=replication).result["read_replication"] == {"mode": "auto"}
    assert edge.api("GET", path).result["read_replication"] == {"mode": "auto"}
    assert edge.api("PATCH", path, json={"read_replication": {"mode": "many"}}).codes == [7400]
    assert edge.api("DELETE", path).status == 200
    for method, rest in (("GET", ""), ("POST", "/query"), ("GET", "/time_travel/bookmark")):
        gone = edge.api(method, path + rest)
        assert (gone.status, gone.codes) == (404, [7404])


def test_a_name_is_taken_once_and_has_to_be_fit(edge: RunningEdge, db: Database, script: str) -> None:
    taken = edge.api("POST", "/d1/database", json={"name": script})
    assert (taken.status, taken.codes) == (400, [7502])
    for name in ("", "a b", "x" * 65, None, "../x"):
        assert edge.api("POST", "/d1/database", json={"name": name}).codes == [7400]


def test_databases_are_listed_by_name_in_pages_that_end(edge: RunningEdge, script: str) -> None:
    for letter in "abc":
        Database.created(edge, f"{script}-page-{letter}")
    path = f"/d1/database?name={script}-page&per_page=2"
    first, second, third = (edge.api("GET", f"{path}&page={page}") for page in (1, 2, 3))
    names = [database["name"] for database in [*first.result, *second.result]]
    assert sorted(names) == [f"{script}-page-{letter}" for letter in "abc"]
    assert (first.info["total_count"], third.result) == (3, [])


def test_statements_answer_each_with_rows_and_what_they_cost(db: Database) -> None:
    answer = db.ask(
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b); INSERT INTO t (b) VALUES ('x'), ('y'); SELECT * FROM t"
    )
    create, insert, select = answer.result
    assert create["meta"]["changed_db"] is True
    assert (insert["meta"]["changes"], insert["meta"]["last_row_id"]) == (2, 2)
    assert insert["meta"]["rows_written"] == 2
    assert select["results"] == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert {"duration", "rows_read", "size_after", "served_by"} <= select["meta"].keys()
    raw = db.edge.api("POST", f"{db.path}/raw", json={"sql": "SELECT * FROM t"}).result
    assert raw[0]["results"] == {"columns": ["a", "b"], "rows": [[1, "x"], [2, "y"]]}


@pytest.mark.parametrize(
    ("value", "read"),
    [(ODD, ODD), (1.5, 1.5), (-7, -7), (None, None), (True, 1), ([0, 255], [0, 255]), ("", "")],
)
def test_values_of_every_kind_come_back(db: Database, value: object, read: object) -> None:
    assert db.rows("SELECT ? AS value", value) == [{"value": read}]


def test_a_batch_is_all_or_nothing(db: Database) -> None:
    db.rows("CREATE TABLE t (a UNIQUE)")
    good = {"sql": "INSERT INTO t VALUES (?)", "params": [1]}
    failed = db.edge.api("POST", f"{db.path}/query", json={"batch": [good, good]})
    assert (failed.status, failed.codes) == (400, [7500])
    assert "UNIQUE constraint failed" in failed.message
    assert db.rows("SELECT * FROM t") == []
    done = db.edge.api("POST", f"{db.path}/query", json={"batch": [good, {"sql": "SELECT * FROM t"}]})
    assert [one["results"] for one in done.result] == [[], [{"a": 1}]]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELEC 1", "syntax error"),
        ("BEGIN TRANSACTION", "To execute a transaction"),
        ("ATTACH 'x' AS y", "not authorized"),
        ("SELECT * FROM _cf_METADATA", "SQLITE"),
        (" ; -- nothing", "No SQL statements detected"),
        ("SELECT '" + "x" * 100_000 + "'", "too long"),
    ],
)
def test_what_sqlite_or_the_platform_refuses_is_code_7500(db: Database, sql: str, told: str) -> None:
    answer = db.ask(sql)
    assert (answer.status, answer.codes) == (400, [7500])
    assert told in answer.message


def test_parameters_have_their_limits(db: Database) -> None:
    assert db.ask("SELECT " + ",".join("?" * 100), *range(100)).status == 200
    assert db.ask("SELECT " + ",".join("?" * 101), *range(101)).codes == [7500]
    assert db.ask("SELECT ?; SELECT ?", 1).codes == [7500]
    assert db.ask("SELECT ?", {"a": 1}).codes == [7400]


@pytest.mark.parametrize(
    "body", [{}, {"sql": 1}, {"batch": {}}, {"batch": ["x"]}, [], {"sql": "x", "params": 1}]
)
def test_a_malformed_query_is_code_7400(db: Database, body: object) -> None:
    answer = db.edge.api("POST", f"{db.path}/query", json=body)
    assert (answer.status, answer.codes) == (400, [7400])


def imported(db: Database, sql: str) -> dict[str, Any]:
    """What the import of a file came to."""
    content = sql.encode()
    etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
    begun = db.edge.api("POST", f"{db.path}/import", json={"action": "init", "etag": etag}).result
    uploaded = db.edge.http.put(begun["upload_url"], content=content)
    assert uploaded.headers["etag"].strip('"') == etag
    wanted = {"action": "ingest", "etag": etag, "filename": begun["filename"]}
    outcome: dict[str, Any] = db.edge.api("POST", f"{db.path}/import", json=wanted).result
    polled = {"action": "poll", "current_bookmark": outcome["at_bookmark"]}
    assert db.edge.api("POST", f"{db.path}/import", json=polled).result == outcome
    return outcome


def exported(db: Database, **options: object) -> str:
    """The file that an export serves."""
    body = {"output_format": "polling", "dump_options": options}
    done = db.edge.api("POST", f"{db.path}/export", json=body).result
    assert (done["status"], done["success"]) == ("complete", True)
    served = db.edge.http.get(done["result"]["signed_url"])
    assert served.status_code == 200
    return served.content.decode()


CROWDED = [
    """CREATE TABLE "odd ""name" (id INTEGER PRIMARY KEY AUTOINCREMENT, "a b" TEXT, data BLOB, n REAL,
       twice AS (n * 2) VIRTUAL, kept TEXT GENERATED ALWAYS AS (upper("a b")) STORED)""",
    "CREATE TABLE pairs (k TEXT, v, PRIMARY KEY (k, v)) WITHOUT ROWID",
    """CREATE TABLE log (said); CREATE VIEW shouted AS SELECT upper(said) AS said FROM log""",
    "CREATE TRIGGER on_v INSTEAD OF INSERT ON shouted BEGIN INSERT INTO log VALUES ('v:' || NEW.said); END",
    """CREATE TRIGGER on_pair AFTER INSERT ON pairs WHEN NEW.v > 1 BEGIN
       INSERT INTO log VALUES (CASE WHEN NEW.v = 2 THEN 'two; ' ELSE 'many' END); SELECT 1; END""",
    'CREATE UNIQUE INDEX by_data ON "odd ""name" (data) WHERE data IS NOT NULL',
    "INSERT INTO pairs VALUES ('a', 1), ('a', 2), ('b', 9007199254740993), ('c', -9e300), ('d', 1.0)",
    """INSERT INTO "odd ""name" ("a b", data, n)
       VALUES ('x' || char(0) || 'y', X'00ff27', 0.1), (NULL, NULL, 9e999)""",
]


def test_an_export_imported_elsewhere_is_the_same_database(db: Database, script: str) -> None:
    for sql in CROWDED:
        db.rows(sql)
    db.rows('INSERT INTO "odd ""name" ("a b") VALUES (?)', ODD)
    other = Database.created(db.edge, f"{script}-copy")
    outcome = imported(other, exported(db))
    assert outcome["success"], outcome
    assert outcome["result"]["num_queries"] > len(CROWDED)
    assert outcome["result"]["final_bookmark"] == other.bookmark()
    assert other.content() == db.content()
    other.rows("INSERT INTO shouted VALUES ('x')")
    assert other.rows("SELECT count(*) AS n FROM log WHERE said = 'v:x'") == [{"n": 1}]


def test_an_export_may_be_of_the_schema_the_rows_or_some_tables(db: Database) -> None:
    db.rows("CREATE TABLE a (x); CREATE TABLE b (y); CREATE INDEX on_b ON b (y); INSERT INTO a VALUES (1)")
    assert "INSERT" not in exported(db, no_data=True)
    assert "CREATE" not in exported(db, no_schema=True)
    only_b = exported(db, tables=["b"])
    assert ("TABLE b" in only_b, "INDEX on_b" in only_b, "TABLE a" in only_b) == (True, True, False)


def test_a_database_with_virtual_tables_is_not_exported(db: Database) -> None:
    db.rows("CREATE VIRTUAL TABLE notes USING fts5(text)")
    answer = db.edge.api("POST", f"{db.path}/export", json={"output_format": "polling"})
    assert "cannot export databases with Virtual Tables (fts5)" in answer.message


def test_a_file_that_fails_leaves_the_database_as_it_was(db: Database) -> None:
    outcome = imported(db, "CREATE TABLE t (a); INSERT INTO t VALUES (1); INSERT INTO u VALUES (1);")
    assert (outcome["success"], outcome["status"]) == (False, "error")
    assert "no such table: u" in outcome["error"]
    assert db.rows("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'") == []


def test_an_upload_has_to_be_what_was_announced(db: Database) -> None:
    begun = db.edge.api("POST", f"{db.path}/import", json={"action": "init", "etag": "0" * 32}).result
    assert db.edge.http.put(begun["upload_url"], content=b"SELECT 1;").status_code == 400
    wanted = {"action": "ingest", "etag": "0" * 32, "filename": "x"}
    assert db.edge.api("POST", f"{db.path}/import", json=wanted).codes == [7400]
    assert db.edge.http.get(begun["upload_url"].replace("imports", "exports")).status_code == 404


def test_nothing_is_polled_where_nothing_was_imported(db: Database) -> None:
    answer: Answer = db.edge.api("POST", f"{db.path}/import", json={"action": "poll", "current_bookmark": ""})
    assert answer.result["error"] == "Not currently importing anything."
