"""The official Python SDK on Workers; its own types read every answer."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import cloudflare
import pytest
from cloudflare.types.workers.scripts import DeploymentListResponse, version_get_response

from tests.localedge.client import ES_MODULE, GREETER
from tests.localedge.objects_workers import COUNTER
from tests.localedge.test_objects_api import call

if TYPE_CHECKING:
    from cloudflare import Cloudflare
    from cloudflare._response import APIResponse

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

DATE = "2026-01-01"
TWO = base64.b64encode(b"export default { fetch() { return new Response('two'); } };").decode()
META = {"name": "META", "type": "version_metadata"}


@pytest.fixture
def at(edge: RunningEdge) -> dict[str, Any]:
    """The account, as every call wants it."""
    return {"account_id": edge.told["account_id"]}


def upload(sdk: Cloudflare, script: str, at: dict[str, Any], says: str, **metadata: Any) -> Any:  # noqa: ANN401
    """Upload a greeter and give it all traffic."""
    return sdk.workers.scripts.update(
        script, **at, metadata=whole(**metadata), files=[module(GREETER.replace("SAYS", says))]
    )


def module(code: str) -> tuple[str, bytes, str]:
    return ("index.js", code.encode(), ES_MODULE)


def whole(**metadata: Any) -> Any:  # noqa: ANN401 - the SDK's type for it differs from call to call
    return {"main_module": "index.js", "compatibility_date": DATE, "bindings": [META], **metadata}


def test_scripts(edge: RunningEdge, sdk: Cloudflare, at: dict[str, Any], script: str) -> None:
    scripts = sdk.workers.scripts
    made = upload(sdk, script, at, "one", annotations={"workers/message": "the first"})
    assert (made.id, edge.visit(script).json()["says"]) == (script, "one")
    assert script in {found.id for found in scripts.list(**at)}
    assert "Response.json" in scripts.get(script, **at)
    assert b"Response.json" in scripts.content.get(script, **at).read()

    settings = scripts.settings.edit(script, **at, logpush=True, tags=["mine"])
    assert scripts.settings.get(script, **at) == settings
    assert (settings.logpush, settings.tags) == (True, ["mine"])
    added: Any = {"bindings": [META, {"name": "TOKEN", "type": "plain_text", "text": "a variable"}]}
    changed: Any = scripts.script_and_version_settings.edit(script, **at, settings=added)
    assert edge.visit(script).json()["secret"] == "a variable"
    assert scripts.script_and_version_settings.get(script, **at).model_dump() == changed.model_dump()
    scripts.delete(script, **at)
    with pytest.raises(cloudflare.NotFoundError) as gone:
        scripts.settings.get(script, **at)
    assert gone.value.errors[0].code == 10007


def test_versions_and_deployments(
    edge: RunningEdge, sdk: Cloudflare, at: dict[str, Any], script: str
) -> None:
    upload(sdk, script, at, "one")
    versions, deployments = sdk.workers.scripts.versions, sdk.workers.scripts.deployments
    two = {"metadata": whole(), "files": [module(GREETER.replace("SAYS", "two"))]}
    second = check_version(result_of(versions.with_raw_response.create(script, **at, **two)))
    assert (
        check_version(result_of(versions.with_raw_response.get(second, **at, script_name=script))) == second
    )
    listed = [str(version.id) for version in versions.list(script, **at, per_page=1)]
    assert listed[0] == second
    assert len(listed) == 2

    shares: Any = [{"version_id": listed[0], "percentage": 40}, {"version_id": listed[1], "percentage": 60}]
    made = deployments.create(script, **at, strategy="percentage", versions=shares)
    assert {edge.visit(script).json()["says"] for _ in range(60)} == {"one", "two"}
    assert deployments.get(made.id, **at, script_name=script) == made
    _, first = deployed(sdk, script, at)
    deployments.delete(first, **at, script_name=script)
    assert deployed(sdk, script, at) == [made.id]


def result_of(response: APIResponse[Any]) -> Any:  # noqa: ANN401 - it is JSON
    """The result of an answer that the SDK cannot read itself."""
    return json.loads(response.http_response.content)["result"]


def check_version(result: dict[str, Any]) -> str:
    """The id of a version, all of which but its bindings is as the SDK's types have it.

    Of the bindings the SDK 5.9.0 has an empty class that it cannot make a model of, so that its own
    `versions.create` and `versions.get` fail with every answer. They are a list, as wrangler reads them.
    """
    resources = result["resources"]
    version_get_response.Metadata.model_validate(result["metadata"])
    version_get_response.ResourcesScript.model_validate(resources["script"])
    version_get_response.ResourcesScriptRuntime.model_validate(resources["script_runtime"])
    assert isinstance(resources["bindings"], list)
    return str(result["id"])


def deployed(sdk: Cloudflare, script: str, at: dict[str, Any]) -> list[str]:
    """The ids of the deployments. The SDK 5.9.0 looks for them as `items`, and so finds none."""
    answer = sdk.workers.scripts.deployments.with_raw_response.list(script, **at)
    listed = DeploymentListResponse.model_validate(result_of(answer))
    return [deployment.id for deployment in listed.deployments]


def test_secrets(edge: RunningEdge, sdk: Cloudflare, at: dict[str, Any], script: str) -> None:
    upload(sdk, script, at, "one")
    secrets = sdk.workers.scripts.secrets
    secrets.update(script, **at, name="TOKEN", text="a text", type="secret_text")
    assert edge.visit(script).json()["secret"] == "a text"
    one: Any = secrets.get("TOKEN", **at, script_name=script)
    assert [secret.name for secret in secrets.list(script, **at)] == [one.name]
    many: Any = {"OTHER": {"name": "OTHER", "text": "x", "type": "secret_text"}, "TOKEN": None}
    secrets.bulk_update(script, **at, secrets=many)
    secrets.delete("OTHER", **at, script_name=script)
    assert list(secrets.list(script, **at)) == []
    assert edge.visit(script).json()["secret"] is None


def test_tails(sdk: Cloudflare, at: dict[str, Any], script: str) -> None:
    upload(sdk, script, at, "one")
    tails = sdk.workers.scripts.tail
    made = tails.create(script, **at)
    tails.get(script, **at)
    tails.delete(made.id, **at, script_name=script)


def test_assets(edge: RunningEdge, sdk: Cloudflare, at: dict[str, Any], script: str) -> None:
    name = "0" * 32
    session = sdk.workers.scripts.assets.upload.create(
        script, **at, manifest={"/index.html": {"hash": name, "size": 13}}
    )
    assert session is not None
    assert session.buckets == [[name]]
    with_token = sdk.with_options(api_token=str(session.jwt))
    done = with_token.workers.assets.upload.create(**at, base64=True, body={name: "PGgxPmhvbWU8L2gxPg=="})
    assert done is not None
    bindings = [META, {"name": "ASSETS", "type": "assets"}]
    upload(sdk, script, at, "one", assets={"jwt": done.jwt}, bindings=bindings)
    assert edge.visit(script).text == "<h1>home</h1>"


def test_durable_objects(edge: RunningEdge, sdk: Cloudflare, at: dict[str, Any], script: str) -> None:
    metadata = whole(
        bindings=[META, {"name": "COUNTER", "type": "durable_object_namespace", "class_name": "Counter"}],
        migrations={"new_tag": "v1", "new_sqlite_classes": ["Counter"]},
    )
    sdk.workers.scripts.update(script, **at, metadata=metadata, files=[module(COUNTER)])
    assert call(edge, script, "increment") == 1
    namespaces = [one for one in sdk.durable_objects.namespaces.list(**at) if one.script == script]
    [namespace] = namespaces
    assert (namespace.class_, namespace.use_sqlite) == ("Counter", True)
    [found] = sdk.durable_objects.namespaces.objects.list(str(namespace.id), **at)
    assert found.has_stored_data is True


def test_databases(sdk: Cloudflare, at: dict[str, Any], script: str) -> None:
    databases = sdk.d1.database
    made = databases.create(**at, name=script)
    one = str(made.uuid)
    asked = databases.query(one, **at, sql="CREATE TABLE t (a); INSERT INTO t VALUES ('x')")
    assert [told.success for told in asked] == [True, True]
    moment = databases.time_travel.get_bookmark(one, **at)
    [raw] = databases.raw(one, **at, sql="SELECT a FROM t")
    assert raw.results is not None
    assert (raw.results.columns, raw.results.rows) == (["a"], [["x"]])
    databases.query(one, **at, sql="DROP TABLE t")
    databases.time_travel.restore(one, **at, bookmark=str(moment.bookmark))
    assert databases.get(one, **at).num_tables == 1
    databases.edit(one, **at, read_replication={"mode": "auto"})
    databases.update(one, **at, read_replication={"mode": "disabled"})
    assert script in {found.name for found in databases.list(**at)}
    exported = databases.export(one, **at, output_format="polling")
    assert exported.status == "complete"
    started = databases.import_(one, **at, action="init", etag="0" * 32)
    assert started.upload_url
    databases.delete(one, **at)
    with pytest.raises(cloudflare.NotFoundError):
        databases.get(one, **at)


def test_who_one_is(edge: RunningEdge, sdk: Cloudflare, at: dict[str, Any]) -> None:
    user: Any = sdk.user.get()
    assert user.email == "developer@localhost"
    account = sdk.accounts.get(**at)
    assert account is not None
    assert [found.id for found in sdk.accounts.list()] == [account.id] == [at["account_id"]]
    assert [one.status for one in sdk.memberships.list()] == ["accepted"]


def test_the_users_tokens(sdk: Cloudflare, edge: RunningEdge, at: dict[str, Any]) -> None:
    group = edge.api("GET", "/tokens/permission_groups", params={"name": "Workers Scripts Read"}).result[0][
        "id"
    ]
    policy: Any = {
        "effect": "allow",
        "permission_groups": [{"id": group}],
        "resources": {f"com.cloudflare.api.account.{at['account_id']}": "*"},
    }
    for tokens, of in ((sdk.user.tokens, {}), (sdk.accounts.tokens, at)):
        made: Any = tokens.create(name="mine", policies=[policy], **of)
        assert made.value
        changed: Any = tokens.update(made.id, name="ours", policies=[policy], **of)
        assert changed.name == "ours"
        read_again: Any = tokens.get(made.id, **of)
        assert read_again.name == "ours"
        assert made.id in {one.id for one in tokens.list(**of)}
        assert tokens.value.update(made.id, **of) != made.value
        tokens.delete(made.id, **of)


def test_workers_and_versions_as_terraform_makes_them(
    edge: RunningEdge, sdk: Cloudflare, at: dict[str, Any], script: str
) -> None:
    workers = sdk.workers.beta.workers
    made = workers.create(**at, name=script, tags=["mine"], subdomain={"enabled": True})
    assert (made.deployed_on, made.tags) == (None, ["mine"])
    on: Any = {**at, "worker_id": made.id}
    first = workers.versions.create(
        **on,
        main_module="index.js",
        modules=[
            {
                "name": "index.js",
                "content_type": ES_MODULE,
                "content_base64": base64.b64encode(GREETER.replace("SAYS", "one").encode()).decode(),
            }
        ],
        compatibility_date=DATE,
        bindings=[{"name": "TOKEN", "type": "plain_text", "text": "a variable"}],
    )
    assert edge.visit(script).status_code == 404
    sdk.workers.scripts.deployments.create(
        script, **at, strategy="percentage", versions=[{"version_id": first.id, "percentage": 100}]
    )
    assert edge.visit(script).json() == {"says": "one", "secret": "a variable"}
    read = workers.versions.get(first.id, **on, include="modules")
    assert read.modules is not None
    assert b"Response.json" in base64.b64decode(str(read.modules[0].content_base64))
    second = workers.versions.create(
        **on,
        deploy=True,
        main_module="index.js",
        modules=[{"name": "index.js", "content_type": ES_MODULE, "content_base64": TWO}],
    )
    assert edge.visit(script).text == "two"
    assert [version.id for version in workers.versions.list(**on)] == [second.id, first.id]

    changed = workers.edit(
        **on, name=script, logpush=True, observability={}, subdomain={}, tags=["ours"], tail_consumers=[]
    )
    assert (changed.logpush, changed.tags, changed.subdomain.enabled) == (True, ["ours"], True)
    assert workers.update(**on, name=script, subdomain={"enabled": False}).logpush is False
    assert workers.get(**on).subdomain.enabled is False
    assert made.id in {worker.id for worker in workers.list(**at, per_page=5)}
    workers.delete(**on)
    with pytest.raises(cloudflare.NotFoundError):
        workers.get(**on)
