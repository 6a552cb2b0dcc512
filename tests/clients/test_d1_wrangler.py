"""The real wrangler's D1 commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localedge.wrangler import Wrangler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

WORKER = """
export default {
  async fetch(request, env) {
    return Response.json((await env.DB.prepare("SELECT name FROM people ORDER BY id").all()).results);
  },
};
"""
MIGRATIONS = {
    "0001_people.sql": "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);",
    "0002_ada.sql": "INSERT INTO people (name) VALUES ('Ada; it''s me');\n-- done\n",
    "0003_wrong.sql": "INSERT INTO people (name) VALUES ('lost'); INSERT INTO nowhere VALUES (1);",
}


@pytest.fixture
def wrangler(edge: RunningEdge, script: str, tmp_path: Path) -> Wrangler:
    """A project with a database of its own."""
    made = Wrangler(edge, tmp_path / "project")
    made.write(WORKER, name=script)
    assert "Successfully created DB" in made.run("d1", "create", script)
    database_id = edge.api("GET", f"/d1/database/{script}").result["uuid"]
    binding = {"binding": "DB", "database_name": script, "database_id": database_id}
    made.write(WORKER, name=script, d1_databases=[binding])
    return made


def test_migrations_are_applied_and_the_worker_reads_what_they_made(
    edge: RunningEdge, wrangler: Wrangler, script: str, tmp_path: Path
) -> None:
    folder = tmp_path / "project/migrations"
    folder.mkdir()
    for name, sql in MIGRATIONS.items():
        (folder / name).write_text(sql)
    assert "0003_wrong.sql" in wrangler.run("d1", "migrations", "list", script, "--remote")
    assert "nowhere" in wrangler.run("d1", "migrations", "apply", script, "--remote", check=False)
    (folder / "0003_wrong.sql").write_text("INSERT INTO people (name) VALUES ('Bob');")
    wrangler.run("d1", "migrations", "apply", script, "--remote")
    assert "No migrations" in wrangler.run("d1", "migrations", "list", script, "--remote")
    wrangler.run("deploy")
    assert edge.visit(script).json() == [{"name": "Ada; it's me"}, {"name": "Bob"}]


def test_commands_and_files_are_executed_and_exported(
    wrangler: Wrangler, script: str, tmp_path: Path
) -> None:
    file, out = tmp_path / "in.sql", tmp_path / "out.sql"
    rows = "".join(f"INSERT INTO t VALUES ({n}, 'x''{n}');\n" for n in range(500))  # noqa: S608
    file.write_text(f"CREATE TABLE t (a, b);\n{rows}")
    wrangler.run("d1", "execute", script, "--remote", "--yes", "--file", str(file))
    [told] = wrangler.json(
        "d1", "execute", script, "--remote", "--json", "--command", "SELECT count(*) n, max(b) b FROM t"
    )
    assert told["results"] == [{"n": 500, "b": "x'99"}]
    wrangler.run("d1", "export", script, "--remote", "--skip-confirmation", "--output", str(out))
    assert out.read_text().count("INSERT INTO") == 500
    file.write_text("INSERT INTO t VALUES (1, 2); INSERT INTO u VALUES (1);")
    failed = wrangler.run("d1", "execute", script, "--remote", "--yes", "--file", str(file), check=False)
    assert "no such table: u" in failed


def test_time_travel_tells_bookmarks_and_restores(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    def execute(sql: str) -> str:
        return wrangler.run("d1", "execute", script, "--remote", "--yes", "--json", "--command", sql)

    execute("CREATE TABLE t (a); INSERT INTO t VALUES ('kept')")
    bookmark = wrangler.json("d1", "time-travel", "info", script, "--json")["bookmark"]
    execute("DROP TABLE t")
    told = wrangler.json("d1", "time-travel", "restore", script, "--json", "--bookmark", bookmark)
    assert told["bookmark"] == bookmark
    assert "kept" in execute("SELECT * FROM t")
    wrangler.json("d1", "time-travel", "restore", script, "--json", "--bookmark", told["previous_bookmark"])
    assert edge.api("POST", f"/d1/database/{script}/query", json={"sql": "SELECT * FROM t"}).codes == [7500]


def test_databases_are_listed_told_and_deleted(wrangler: Wrangler, script: str) -> None:
    assert script in {database["name"] for database in wrangler.json("d1", "list", "--json")}
    told = wrangler.json("d1", "info", script, "--json")
    assert (told["name"], told["num_tables"]) == (script, 0)
    assert "already exists" in wrangler.run("d1", "create", script, check=False)
    wrangler.run("d1", "delete", script, "--skip-confirmation")
    assert script not in {database["name"] for database in wrangler.json("d1", "list", "--json")}
