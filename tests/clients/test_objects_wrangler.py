"""The real wrangler deploys Durable Objects, their migrations, and Workers that call others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localedge.objects_workers import CALLEE, CALLER, COUNTER
from tests.localedge.test_objects_api import call
from tests.localedge.wrangler import Wrangler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

META = {"binding": "META"}
OBJECTS = {"bindings": [{"name": "COUNTER", "class_name": "Counter"}]}
V1 = {"tag": "v1", "new_sqlite_classes": ["Counter"]}
V2 = {"tag": "v2", "renamed_classes": [{"from": "Counter", "to": "Tally"}]}


def test_objects_are_migrated_split_and_not_rolled_back(
    edge: RunningEdge, tmp_path: Path, script: str
) -> None:
    wrangler = Wrangler(edge, tmp_path / "project")
    project = {"name": script, "version_metadata": META}
    wrangler.write(COUNTER, **project, durable_objects=OBJECTS, migrations=[V1])
    wrangler.run("deploy")
    assert call(edge, script, "increment") == 1
    wrangler.run("deploy")
    assert call(edge, script, "increment") == 2
    wrangler.run("versions", "upload")
    first, second, third = (version["id"] for version in wrangler.json("versions", "list", "--json"))
    wrangler.run("versions", "deploy", f"{second}@50%", f"{third}@50%", "-y")
    assert [call(edge, script, "increment") for _ in range(6)] == [3, 4, 5, 6, 7, 8]
    wrangler.run("rollback", first, "-y")
    assert call(edge, script, "where") == first

    renamed = COUNTER.replace("export class Counter", "export class Tally")
    tally = {"bindings": [{"name": "COUNTER", "class_name": "Tally"}]}
    wrangler.write(renamed, **project, durable_objects=tally, migrations=[V1, V2])
    assert "wrangler deploy" in wrangler.run("versions", "upload", check=False)
    wrangler.run("deploy")
    assert call(edge, script, "increment") == 9
    said = wrangler.run("rollback", third, "-y", check=False)
    assert "Durable Object migration" in said
    assert call(edge, script, "increment") == 10

    wrangler.write(COUNTER, **project, durable_objects=OBJECTS, migrations=[V1, V2])
    assert "10061" in wrangler.run("deploy", check=False)


def test_services_are_deployed_and_depend_on_each_other(
    edge: RunningEdge, tmp_path: Path, script: str
) -> None:
    called = f"{script}-called"
    services = [
        {"binding": "CALLEE", "service": called},
        {"binding": "NAMED", "service": called, "entrypoint": "Named", "props": {"a": 1}},
    ]
    caller, callee = Wrangler(edge, tmp_path / "caller"), Wrangler(edge, tmp_path / "callee")
    caller.write(CALLER, name=script, services=services)
    assert "10143" in caller.run("deploy", check=False)
    callee.write(CALLEE, name=called, version_metadata=META)
    callee.run("deploy")
    caller.run("deploy")
    values = edge.visit(script, "/values").json()
    assert (values["sum"], values["named"], values["props"]) == (3, "hello you", 'named {"a":1}')
    # Without a terminal wrangler takes its own question for answered by yes, and deletes by force.
    said = " ".join(callee.run("delete").split())
    assert f"{script} (production) uses this Worker as a Service Binding" in said
