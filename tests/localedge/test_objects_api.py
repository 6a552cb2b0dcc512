"""Durable Objects over the API: shared by the versions of a split, and changed by migrations."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
import websockets

from tests.localedge.objects_workers import COUNTER

if TYPE_CHECKING:
    import httpx2

    from tests.localedge.client import Answer, RunningEdge

META = {"name": "META", "type": "version_metadata"}
BINDING = {"name": "COUNTER", "type": "durable_object_namespace", "class_name": "Counter"}
FIRST = {"new_tag": "v1", "steps": [{"new_sqlite_classes": ["Counter"]}]}


def put(edge: RunningEdge, script: str, code: str = COUNTER, **metadata: Any) -> Answer:  # noqa: ANN401
    metadata.setdefault("bindings", [META, BINDING])
    return edge.api("PUT", f"/workers/scripts/{script}", **edge.form(code, **metadata))


def deployed(edge: RunningEdge, script: str, code: str = COUNTER, **metadata: Any) -> str:  # noqa: ANN401
    answer = put(edge, script, code, **metadata)
    assert answer.status == 200, answer
    return str(answer.result["version_id"])


def uploaded(edge: RunningEdge, script: str, **metadata: Any) -> str:  # noqa: ANN401
    metadata.setdefault("bindings", [META, BINDING])
    answer = edge.api("POST", f"/workers/scripts/{script}/versions", **edge.form(COUNTER, **metadata))
    assert answer.status == 200, answer
    return str(answer.result["id"])


def call(edge: RunningEdge, script: str, method: str, name: str = "main", arguments: str = "[]") -> Any:  # noqa: ANN401
    response = edge.visit(script, f"/?call={method}&name={name}&with={arguments}")
    assert response.status_code == 200, response.text
    return response.json()


def namespace_of(edge: RunningEdge, script: str) -> dict[str, Any]:
    found = edge.api("GET", "/workers/durable_objects/namespaces?per_page=1000").result
    (namespace,) = [one for one in found if one["script"] == script]
    return dict(namespace)


def test_a_count_is_one_over_a_split_and_a_rollback(edge: RunningEdge, script: str) -> None:
    old = deployed(edge, script, migrations=FIRST)
    assert edge.visit(script).text == "1"
    new = uploaded(edge, script)
    assert edge.serve(script, (old, 50), (new, 50)).status == 200
    counts = [int(edge.visit(script).text) for _ in range(12)]
    assert edge.serve(script, (old, 100)).status == 200
    counts.append(int(edge.visit(script).text))
    assert counts == list(range(2, 15))
    places = {call(edge, script, "where", f"object-{number}") for number in range(20)}
    assert places == {old}


def test_all_of_a_split_s_objects_are_told(edge: RunningEdge, script: str) -> None:
    old = deployed(edge, script, migrations=FIRST)
    edge.serve(script, (old, 50), (uploaded(edge, script), 50))
    for number in range(15):
        call(edge, script, "increment", f"object-{number}")
    namespace = namespace_of(edge, script)
    assert {name: namespace[name] for name in ("name", "class", "use_sqlite")} == {
        "name": f"{script}_Counter",
        "class": "Counter",
        "use_sqlite": True,
    }
    path = f"/workers/durable_objects/namespaces/{namespace['id']}/objects"
    first = edge.api("GET", f"{path}?limit=10")
    second = edge.api("GET", f"{path}?limit=10&cursor={first.info['cursor']}")
    ids = [one["id"] for one in (*first.result, *second.result)]
    assert len(set(ids)) == 15
    assert second.info["cursor"] == ""
    assert edge.api("GET", f"{path}?limit=1").codes == [10026]
    assert edge.api("GET", "/workers/durable_objects/namespaces/none/objects").status == 404


def test_a_renamed_class_keeps_its_objects_and_a_deleted_one_does_not(edge: RunningEdge, script: str) -> None:
    old = deployed(edge, script, migrations=FIRST)
    call(edge, script, "increment")
    before = namespace_of(edge, script)
    renamed = COUNTER.replace("export class Counter", "export class Tally")
    rename = {"old_tag": "v1", "new_tag": "v2", "renamed_classes": [{"from": "Counter", "to": "Tally"}]}
    binding = {**BINDING, "class_name": "Tally"}
    deployed(edge, script, renamed, migrations=rename, bindings=[META, binding])
    assert call(edge, script, "increment") == 2
    assert namespace_of(edge, script) == {**before, "class": "Tally", "name": f"{script}_Tally"}
    shown = edge.api("GET", f"/workers/services/{script}").result["default_environment"]["script"]
    assert shown["migration_tag"] == "v2"
    refused = edge.serve(script, (old, 100))
    assert (refused.status, refused.codes) == (400, [10504])
    assert call(edge, script, "increment") == 3

    delete = {"old_tag": "v2", "new_tag": "v3", "deleted_classes": ["Tally"]}
    assert put(edge, script, renamed, migrations=delete, bindings=[META, binding]).codes == [10061]
    assert put(edge, script, renamed, migrations=delete, bindings=[META]).status == 200
    again = {"old_tag": "v3", "new_tag": "v4", "new_classes": ["Counter"]}
    deployed(edge, script, migrations=again)
    assert call(edge, script, "increment") == 1


@pytest.mark.parametrize(
    ("migrations", "code"),
    [
        ({"new_tag": "v2", "new_classes": ["Other"]}, 10079),
        ({"old_tag": "v0", "new_tag": "v2"}, 10079),
        ({"old_tag": "v1", "new_tag": "v2", "new_classes": ["Other"]}, 10070),
        ({"old_tag": "v1", "new_tag": "v2", "new_sqlite_classes": ["Counter"]}, 10074),
        ({"old_tag": "v1", "new_tag": "v2", "deleted_classes": ["Other"]}, 10074),
        ({"old_tag": "v1", "new_tag": "v2", "renamed_classes": [{"from": "Other", "to": "New"}]}, 10074),
        ({"old_tag": "v1", "new_tag": "v2", "new_classes": ["A"], "deleted_classes": ["A"]}, 10074),
        ({"old_tag": "v1", "new_tag": "v2", "deleted_classes": ["Counter"]}, 10061),
        ({"old_tag": "v1", "new_tag": "v2", "transferred_classes": [{"from": "A"}]}, 10501),
        ({"steps": "all"}, 10021),
        ({"renamed_classes": ["A"]}, 10021),
    ],
)
def test_a_migration_that_cannot_be_applied(
    edge: RunningEdge, migrated_script: str, migrations: dict[str, Any], code: int
) -> None:
    answer = put(edge, migrated_script, migrations=migrations)
    assert (answer.status, answer.codes) == (400, [code])
    assert edge.visit(migrated_script).status_code == 200


@pytest.fixture(scope="module")
def migrated_script(edge: RunningEdge) -> str:
    deployed(edge, "migrated", migrations=FIRST)
    return "migrated"


def test_what_a_version_may_not_bring(edge: RunningEdge, migrated_script: str) -> None:
    change = {"old_tag": "v1", "new_tag": "v2", "new_classes": ["Other"]}
    form = edge.form(COUNTER, migrations=change)
    assert edge.api("POST", f"/workers/scripts/{migrated_script}/versions", **form).codes == [10211]
    without = COUNTER.replace("export class Counter", "class Counter")
    assert put(edge, migrated_script, without).codes == [10064]


def test_a_binding_to_a_class_that_has_no_objects(edge: RunningEdge, script: str) -> None:
    assert put(edge, script).codes == [10061]
    elsewhere = {**BINDING, "script_name": "nowhere"}
    assert put(edge, script, bindings=[META, elsewhere]).codes == [10061]
    assert edge.api("GET", f"/workers/scripts/{script}/settings").status == 404


def test_another_worker_s_objects(edge: RunningEdge, script: str, migrated_script: str) -> None:
    deployed(edge, script, bindings=[META, {**BINDING, "script_name": migrated_script}])
    before = call(edge, migrated_script, "increment", "shared")
    assert call(edge, script, "increment", "shared") == before + 1
    references = edge.api("GET", f"/workers/scripts/{migrated_script}/references").result
    assert script in [one["service"] for one in references["durable_objects"]]
    assert edge.api("DELETE", f"/workers/scripts/{migrated_script}").codes == [10142]
    assert edge.api("DELETE", f"/workers/scripts/{script}").status == 200


def test_a_deleted_worker_s_objects_are_gone(edge: RunningEdge, script: str) -> None:
    deployed(edge, script, migrations=FIRST)
    call(edge, script, "increment")
    assert edge.api("DELETE", f"/workers/scripts/{script}").status == 200
    deployed(edge, script, migrations=FIRST)
    assert call(edge, script, "increment") == 1


def test_what_an_object_can_do(edge: RunningEdge, script: str) -> None:
    deployed(edge, script, migrations=FIRST)
    assert call(edge, script, "values")["pipelined"] == 7
    assert call(edge, script, "rows", arguments='["one"]') == ["one"]
    call(edge, script, "alarmIn", arguments="[50]")
    deadline = time.monotonic() + 20
    while call(edge, script, "alarms") == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert call(edge, script, "alarms") == 1
    call(edge, script, "clear")
    assert call(edge, script, "increment") == 1
    shown = edge.api("GET", f"/workers/scripts/{script}/versions").result["items"][0]
    assert shown["resources"]["script"]["handlers"] == ["fetch"]
    assert shown["resources"]["script"]["named_handlers"] == [{"name": "Counter", "handlers": ["class"]}]


@pytest.mark.parametrize("kind", ["plain", "hibernating"])
def test_a_websocket_to_an_object(edge: RunningEdge, script: str, kind: str) -> None:
    old = deployed(edge, script, migrations=FIRST)
    new = uploaded(edge, script)
    asyncio.run(_talk(edge, script, kind))
    assert call(edge, script, "closed") == 4001
    asyncio.run(_talk_while_deploying(edge, script, kind, new))
    assert call(edge, script, "where") == new != old


def socket(edge: RunningEdge, script: str, path: str) -> websockets.connect:
    address = edge.told["traffic_url"].replace("http://127.0.0.1", f"ws://{script}.localhost")
    port = int(address.rpartition(":")[2])
    return websockets.connect(f"{address}/{path}", host="127.0.0.1", port=port)


async def _talk(edge: RunningEdge, script: str, kind: str) -> None:
    async with socket(edge, script, kind) as connection:
        for word in ("one", "two"):
            await connection.send(word)
            assert await connection.recv() == f"{kind} {word}"
        await connection.close(4001, "done")


async def _talk_while_deploying(edge: RunningEdge, script: str, kind: str, new: str) -> None:
    """The platform ends WebSockets to objects on a deployment, as the objects are reset."""
    async with socket(edge, script, kind) as connection:
        await connection.send("one")
        await connection.recv()
        await asyncio.to_thread(edge.serve, script, (new, 100))
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(connection.recv(), 20)


def test_a_plain_answer(edge: RunningEdge, migrated_script: str) -> None:
    response: httpx2.Response = edge.visit(migrated_script)
    assert response.text.isdigit()
