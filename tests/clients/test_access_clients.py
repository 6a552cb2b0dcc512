"""The real wrangler and the official Python SDK with tokens that may do less, and with faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cloudflare
import pytest

from localedge.access.groups import BY_NAME, EDITOR
from tests.localedge.client import GREETER
from tests.localedge.faults import EdgeFaults, rule
from tests.localedge.test_access_tokens import Minted, policy
from tests.localedge.wrangler import Wrangler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

META = {"binding": "META"}


@pytest.fixture
def account(edge: RunningEdge) -> str:
    return f"com.cloudflare.api.account.{edge.told['account_id']}"


def sdk_of(edge: RunningEdge, token: str = "", retries: int = 2) -> cloudflare.Cloudflare:
    """The SDK, with the edge's own token or another."""
    return cloudflare.Cloudflare(
        api_token=token or edge.told["token"], base_url=edge.told["api_url"], max_retries=retries
    )


@pytest.mark.e2e
def test_wrangler_with_a_token_that_reads(
    edge: RunningEdge, tmp_path: Path, script: str, account: str
) -> None:
    wrangler = Wrangler(edge, tmp_path / "project")
    wrangler.write(GREETER, name=script, version_metadata=META)
    wrangler.run("deploy")
    token = Minted(edge, policy({account: "*"}, "Workers Scripts Read"))
    wrangler.environment["CLOUDFLARE_API_TOKEN"] = token.value
    assert len(wrangler.json("versions", "list", "--json")) == 1
    assert "Authentication error" in wrangler.run("deploy", check=False)
    assert len(edge.api("GET", f"/workers/scripts/{script}/deployments").result["deployments"]) == 1


@pytest.mark.e2e
def test_wrangler_with_a_token_for_one_worker(
    edge: RunningEdge, tmp_path: Path, script: str, account: str
) -> None:
    wrangler = Wrangler(edge, tmp_path / "project")
    wrangler.write(GREETER.replace("SAYS", "one"), name=script, version_metadata=META, workers_dev=False)
    wrangler.run("deploy")
    tag = next(found["tag"] for found in edge.api("GET", "/workers/scripts").result if found["id"] == script)
    token = Minted(edge, policy({account: {f"com.cloudflare.edge.worker.script.{tag}": "*"}}, EDITOR))
    wrangler.environment["CLOUDFLARE_API_TOKEN"] = token.value
    wrangler.write(GREETER.replace("SAYS", "two"), name=script, version_metadata=META, workers_dev=False)
    wrangler.run("versions", "upload")
    versions = wrangler.json("versions", "list", "--json")
    wrangler.run("versions", "deploy", f"{versions[-1]['id']}@100%", "-y")
    served = edge.api("GET", f"/workers/scripts/{script}/deployments").result["deployments"][0]["versions"]
    assert served == [{"version_id": versions[-1]["id"], "percentage": 100}]
    assert len(versions) == 2
    wrangler.write(GREETER, name=f"{script}-other", version_metadata=META)
    assert "Authentication error" in wrangler.run("deploy", check=False)


def test_the_sdk_makes_uses_and_deletes_tokens(edge: RunningEdge, account: str) -> None:
    sdk, account_id = sdk_of(edge), edge.told["account_id"]
    groups = list(sdk.accounts.tokens.permission_groups.list(account_id=account_id))
    assert {group.name for group in groups} == set(BY_NAME)
    assert len(list(sdk.user.tokens.permission_groups.list())) == len(groups)
    wanted = policy({account: "*"}, "Workers Scripts Read")
    made = sdk.accounts.tokens.create(account_id=account_id, name="of the SDK", policies=[wanted])  # type: ignore[list-item]
    assert made is not None
    assert made.value
    assert made.id
    reader = sdk_of(edge, made.value)
    verified = reader.accounts.tokens.verify(account_id=account_id)
    assert verified is not None
    assert (verified.id, verified.status) == (made.id, "active")
    reader.workers.scripts.list(account_id=account_id)
    with pytest.raises(cloudflare.PermissionDeniedError) as refused:
        reader.kv.namespaces.create(account_id=account_id, title="not allowed")
    assert refused.value.errors[0].code == 10000
    assert made.id in {token.id for token in sdk.accounts.tokens.list(account_id=account_id)}
    rolled = sdk.accounts.tokens.value.update(made.id, account_id=account_id)
    assert rolled != made.value
    sdk.accounts.tokens.delete(made.id, account_id=account_id)
    assert made.id not in {token.id for token in sdk.accounts.tokens.list(account_id=account_id)}
    assert sdk.user.tokens.verify() is not None


def test_the_sdk_waits_when_it_is_throttled(edge: RunningEdge) -> None:
    faults, account_id = EdgeFaults(edge), edge.told["account_id"]
    with faults.set(rule({"status": 429, "retry_after": 1}, "GET", "/workers/scripts", times=1)):
        sdk_of(edge).workers.scripts.list(account_id=account_id)
        assert faults.met() == [1]
    with (
        faults.set(rule({"status": 429, "retry_after": 1}, "GET", "/workers/scripts")),
        pytest.raises(cloudflare.RateLimitError) as refused,
    ):
        sdk_of(edge, retries=0).workers.scripts.list(account_id=account_id)
    assert refused.value.errors[0].code == 971


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 502}, cloudflare.InternalServerError),
        ({"drop": True}, cloudflare.APIConnectionError),
        ({"garbage": True}, ValueError),
        ({"truncated": True}, cloudflare.APIConnectionError),
    ],
)
def test_what_the_sdk_makes_of_faults(
    edge: RunningEdge, fault: dict[str, object], error: type[Exception]
) -> None:
    with EdgeFaults(edge).set(rule(fault)), pytest.raises(error):
        sdk_of(edge, retries=0).user.get()
