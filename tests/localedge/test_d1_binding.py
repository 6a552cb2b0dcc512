"""The D1 binding of a Worker: every method, and the same data as the API's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.localedge.d1 import Database

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

WORKER = """
const METHODS = {
  async all(db) {
    return (await db.prepare("SELECT * FROM t WHERE a > ?").bind(0).all()).results;
  },
  async first(db) {
    return await db.prepare("SELECT count(*) AS n FROM t").first("n");
  },
  async raw(db) { return await db.prepare("SELECT * FROM t").raw({ columnNames: true }); },
  async run(db) {
    const insert = db.prepare("INSERT INTO t VALUES (?1, ?2)");
    const { meta } = await insert.bind(2, new Uint8Array([0, 255])).run();
    return { changes: meta.changes, changed: meta.changed_db, written: meta.rows_written };
  },
  async batch(db) {
    const insert = db.prepare("INSERT INTO t VALUES (?, ?)");
    const count = db.prepare("SELECT count(*) AS n FROM t");
    const done = await db.batch([insert.bind(3, "x"), insert.bind(4, null), count]);
    return done[2].results;
  },
  async exec(db) {
    return (await db.exec("INSERT INTO t VALUES (5, 'y')\\nDELETE FROM t WHERE a = 5")).count;
  },
  async session(db) {
    const session = db.withSession("first-primary");
    await session.prepare("INSERT INTO t VALUES (6, 'session')").run();
    const bookmark = session.getBookmark();
    const next = db.withSession(bookmark);
    const seen = await next.prepare("SELECT b FROM t WHERE a = 6").first("b");
    return { seen, later: next.getBookmark() > bookmark };
  },
  async failing(db) {
    const insert = db.prepare("INSERT INTO t VALUES (?, 'lost')");
    try { await db.batch([insert.bind(7), insert.bind(7)]); } catch (error) { return error.message; }
  },
  async internals(db) {
    return (await db.fetcher.fetch("http://d1/edge/drop", { method: "POST" })).status;
  },
};
export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await METHODS[method](env.DB));
  },
};
"""


def test_every_method_works_and_the_api_sees_the_same(edge: RunningEdge, script: str) -> None:
    db = Database.created(edge, script)
    db.rows("CREATE TABLE t (a PRIMARY KEY, b); INSERT INTO t VALUES (1, 'one')")
    form = edge.form(WORKER, bindings=[{"name": "DB", "type": "d1", "id": db.id}])
    uploaded = edge.api("PUT", f"/workers/scripts/{script}", **form)
    assert uploaded.status == 200, uploaded
    visited = {}
    for method in ("all", "first", "raw", "run", "batch", "exec", "session", "failing", "internals"):
        response = edge.visit(script, f"/{method}")
        visited[method] = response.json() if response.status_code == 200 else response.text
    assert visited == {
        "all": [{"a": 1, "b": "one"}],
        "first": 1,
        "raw": [["a", "b"], [1, "one"]],
        "run": {"changes": 1, "changed": True, "written": 2},
        "batch": [{"n": 4}],
        "exec": 2,
        "session": {"seen": "session", "later": True},
        "failing": "D1_ERROR: UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT "
        "(extended: SQLITE_CONSTRAINT_PRIMARYKEY)",
        "internals": 403,
    }
    assert db.rows("SELECT a, b FROM t ORDER BY a") == [
        {"a": 1, "b": "one"},
        {"a": 2, "b": [0, 255]},
        {"a": 3, "b": "x"},
        {"a": 4, "b": None},
        {"a": 6, "b": "session"},
    ]


def test_a_binding_to_a_database_that_is_not_there_is_refused(edge: RunningEdge, script: str) -> None:
    form = edge.form(WORKER, bindings=[{"name": "DB", "type": "d1", "id": "none"}])
    refused = edge.api("PUT", f"/workers/scripts/{script}", **form)
    assert (refused.status, refused.codes) == (400, [10181])
