"""API tokens: what they may do, what they are refused, and that their values are kept by nobody."""

# ruff: noqa: ANN401 - requests and their JSON are what the tests make of them

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localedge.access.groups import ADMIN, BY_NAME, CONTENT, EDITOR, METADATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.localedge.client import Answer, RunningEdge


def policy(resources: dict[str, Any], *groups: str, effect: str = "allow") -> dict[str, Any]:
    ids = [{"id": BY_NAME[name].id} for name in groups]
    return {"effect": effect, "resources": resources, "permission_groups": ids}


class Minted:
    """A token that was made, and requests with it."""

    def __init__(
        self, edge: RunningEdge, *policies: dict[str, Any], owner: str = "account", **body: Any
    ) -> None:
        self.edge = edge
        root = edge.told["api_url"]
        self.base = f"{root}/user/tokens" if owner == "user" else f"{edge.account_url}/tokens"
        made = edge.api("POST", self.base, json={"name": "ci", "policies": list(policies), **body})
        assert made.status == 200, made
        self.id, self.value = made.result["id"], made.result["value"]

    def ask(self, method: str, path: str, **request: Any) -> Answer:
        return self.edge.api(method, path, headers={"Authorization": f"Bearer {self.value}"}, **request)

    def verify(self) -> dict[str, Any]:
        answer = self.edge.raw(
            "GET", f"{self.base}/verify", headers={"Authorization": f"Bearer {self.value}"}
        )
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
def account(edge: RunningEdge) -> str:
    return f"com.cloudflare.api.account.{edge.told['account_id']}"


def test_a_token_may_do_what_its_policy_says_and_no_more(
    edge: RunningEdge, account: str, script: str
) -> None:
    edge.deploy(script)
    token = Minted(edge, policy({account: "*"}, "Workers Scripts Read"))
    assert token.ask("GET", "/workers/scripts").status == 200
    assert token.ask("GET", f"/workers/scripts/{script}/deployments").status == 200
    refused = token.ask("PUT", f"/workers/scripts/{script}", **edge.greeter("changed"))
    assert (refused.status, refused.codes) == (403, [10000])
    assert refused.message.startswith("Authentication error")
    assert token.ask("GET", "/storage/kv/namespaces").codes == [10000]
    assert token.ask("DELETE", f"/workers/scripts/{script}").codes == [10000]
    assert edge.visit(script).json()["says"] == "hello"


def test_a_token_of_one_product_does_not_open_another(edge: RunningEdge, account: str) -> None:
    token = Minted(edge, policy({account: "*"}, "Workers KV Storage Write"))
    made = token.ask("POST", "/storage/kv/namespaces", json={"title": "of a token"})
    assert made.status == 200
    assert token.ask("DELETE", f"/storage/kv/namespaces/{made.result['id']}").status == 200
    assert token.ask("GET", "/workers/scripts").status == 403
    assert token.ask("GET", "/workers/nothing-of-the-kind").status == 403


def test_what_is_denied_stays_denied(edge: RunningEdge, account: str) -> None:
    everything = policy({account: "*"}, "Workers Scripts Read", "Workers KV Storage Read")
    token = Minted(edge, everything, policy({account: "*"}, "Workers KV Storage Read", effect="deny"))
    assert token.ask("GET", "/workers/scripts").status == 200
    assert token.ask("GET", "/storage/kv/namespaces").status == 403


@pytest.mark.parametrize(
    ("group", "may"),
    [
        (METADATA, {"look"}),
        (CONTENT, {"look", "read"}),
        (EDITOR, {"look", "read", "upload"}),
        (ADMIN, {"look", "read", "upload", "delete"}),
    ],
)
def test_a_token_of_one_worker_is_for_that_one(
    edge: RunningEdge, account: str, script: str, group: str, may: set[str]
) -> None:
    edge.deploy(script)
    edge.deploy(f"{script}-other")
    listed = edge.api("GET", "/workers/scripts").result
    tag = next(found["tag"] for found in listed if found["id"] == script)
    token = Minted(edge, policy({account: {f"com.cloudflare.edge.worker.script.{tag}": "*"}}, group))
    acts: dict[str, Callable[[str], int]] = {
        "look": lambda name: token.ask("GET", f"/workers/scripts/{name}/deployments").status,
        "read": lambda name: (
            edge.raw(
                "GET", f"/workers/scripts/{name}", headers={"Authorization": f"Bearer {token.value}"}
            ).status_code
        ),
        "upload": lambda name: token.ask("PUT", f"/workers/scripts/{name}", **edge.greeter("new")).status,
        "delete": lambda name: token.ask("DELETE", f"/workers/scripts/{name}").status,
    }
    for act, ask in acts.items():
        assert ask(f"{script}-other") == 403, act
        assert (ask(script) == 200) is (act in may), act
    assert token.ask("PUT", f"/workers/scripts/{script}-created", **edge.greeter("x")).status == 403
    assert token.ask("GET", "/storage/kv/namespaces").status == 403


def test_a_workers_resource_is_named_within_its_account(edge: RunningEdge) -> None:
    for resources in (
        {"com.cloudflare.edge.worker.script": "*"},
        {"com.cloudflare.api.account.x": {"com.cloudflare.api.user.y": "*"}},
        {"com.cloudflare.api.account.x": "some"},
        {"what.is.this": "*"},
        {},
    ):
        body = {"name": "ci", "policies": [policy(resources, EDITOR)]}
        answer = edge.api("POST", "/tokens", json=body)
        assert (answer.status, answer.codes) == (400, [10026]), resources


def test_a_policy_for_another_account_is_none_for_this(edge: RunningEdge) -> None:
    other = f"com.cloudflare.api.account.{'0' * 32}"
    assert (
        Minted(edge, policy({other: "*"}, "Workers Scripts Read")).ask("GET", "/workers/scripts").status
        == 403
    )
    nested = policy({other: {"com.cloudflare.edge.worker.script.*": "*"}}, EDITOR)
    assert Minted(edge, nested).ask("GET", "/workers/scripts/any/deployments").status == 403


def test_a_group_that_nobody_knows_gives_nothing(edge: RunningEdge, account: str) -> None:
    groups = [{"id": "8d28297797f24fb8a0c332fe0866ec89"}]
    unknown = {"effect": "allow", "resources": {account: "*"}, "permission_groups": groups}
    assert Minted(edge, unknown).ask("GET", "/workers/scripts").status == 403


def test_a_value_is_told_once_rolled_and_kept_nowhere(edge: RunningEdge, account: str) -> None:
    token = Minted(edge, policy({account: "*"}, "Workers Scripts Read"))
    told = edge.api("GET", f"/tokens/{token.id}").result
    assert "value" not in told
    assert told["policies"][0]["permission_groups"][0]["name"] == "Workers Scripts Read"
    old = token.value
    token.value = edge.api("PUT", f"/tokens/{token.id}/value").result
    assert token.ask("GET", "/workers/scripts").status == 200
    assert edge.api("GET", "/workers/scripts", headers={"Authorization": f"Bearer {old}"}).status == 403
    for path in edge.folder.glob("state.sqlite*"):
        assert token.value.encode() not in path.read_bytes()
    assert token.value not in (edge.folder / "logs/edge.log").read_text()


def test_a_token_can_be_changed_disabled_and_deleted(edge: RunningEdge, account: str) -> None:
    read = policy({account: "*"}, "Workers Scripts Read")
    token = Minted(edge, read)
    changed = edge.api(
        "PUT", f"/tokens/{token.id}", json={"name": "new", "status": "disabled", "policies": [read]}
    )
    assert (changed.result["name"], changed.result["status"]) == ("new", "disabled")
    assert token.ask("GET", "/workers/scripts").codes == [10000]
    assert token.verify()["result"] == {"id": token.id, "status": "disabled"}
    edge.api("PUT", f"/tokens/{token.id}", json={"name": "new", "policies": [read]})
    assert token.ask("GET", "/workers/scripts").status == 200
    assert edge.api("DELETE", f"/tokens/{token.id}").result == {"id": token.id}
    assert token.ask("GET", "/workers/scripts").codes == [10000]
    assert edge.api("GET", f"/tokens/{token.id}").status == 404


def test_a_token_has_a_time(edge: RunningEdge, account: str) -> None:
    read = policy({account: "*"}, "Workers Scripts Read")
    over = Minted(edge, read, expires_on="2020-01-01T00:00:00Z")
    assert over.ask("GET", "/workers/scripts").codes == [10000]
    assert over.verify()["result"]["status"] == "expired"
    early = Minted(edge, read, not_before="2999-01-01T00:00:00Z")
    assert early.ask("GET", "/workers/scripts").codes == [10000]
    now = Minted(edge, read, not_before="2020-01-01T00:00:00Z", expires_on="2999-01-01T00:00:00Z")
    assert now.ask("GET", "/workers/scripts").status == 200
    assert now.verify()["result"]["expires_on"] == "2999-01-01T00:00:00.000000Z"
    assert now.verify()["messages"][0]["message"] == "This API Token is valid and active"
    assert (
        edge.api("POST", "/tokens", json={"name": "x", "policies": [read], "expires_on": "soon"}).status
        == 400
    )


def test_a_token_has_a_place(edge: RunningEdge, account: str) -> None:
    read = policy({account: "*"}, "Workers Scripts Read")
    here = Minted(edge, read, condition={"request_ip": {"in": ["127.0.0.0/8"]}})
    assert here.ask("GET", "/workers/scripts").status == 200
    elsewhere = Minted(edge, read, condition={"request_ip": {"not_in": ["127.0.0.1"]}})
    refused = elsewhere.ask("GET", "/workers/scripts")
    assert (refused.status, refused.codes) == (403, [9109])
    assert "Cannot use the access token from location" in refused.message
    wrong = {"name": "x", "policies": [read], "condition": {"request_ip": {"in": ["everywhere"]}}}
    assert edge.api("POST", "/tokens", json=wrong).status == 400


def test_tokens_of_the_user_and_of_the_account_are_apart(edge: RunningEdge, account: str) -> None:
    user = f"{edge.told['api_url']}/user"
    me = f"com.cloudflare.api.user.{edge.api('GET', user).result['id']}"
    token = Minted(edge, policy({me: "*"}, "User Details Read", "API Tokens Read"), owner="user")
    assert token.ask("GET", user).result["email"] == "developer@localhost"
    assert token.id in str(token.ask("GET", f"{user}/tokens").result)
    assert token.ask("POST", f"{user}/tokens", json={}).codes == [9109]
    assert token.ask("GET", f"{edge.told['api_url']}/memberships").codes == [9109]
    assert token.ask("GET", f"{edge.told['api_url']}/accounts").result == []
    assert token.verify()["result"]["status"] == "active"
    assert edge.api("GET", f"/tokens/{token.id}").status == 404
    answer = edge.raw("GET", "/tokens/verify", headers={"Authorization": f"Bearer {token.value}"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, 1000)
    reader = Minted(edge, policy({account: "*"}, "Account Settings Read"))
    assert len(reader.ask("GET", f"{edge.told['api_url']}/accounts").result) == 1
    assert reader.ask("GET", "").status == 200


def test_permission_groups_have_the_platforms_names_and_ids(edge: RunningEdge) -> None:
    found = edge.api("GET", "/tokens/permission_groups?name=Workers+Scripts+Write").result
    assert found == [
        {
            "id": "e086da7e2179491d91ee5f35b3ca210a",
            "name": "Workers Scripts Write",
            "scopes": ["com.cloudflare.api.account"],
        }
    ]
    zone = edge.api("GET", "/tokens/permission_groups?scope=com.cloudflare.api.account.zone").result
    assert {"Workers Routes Read", "Workers Routes Write"} <= {group["name"] for group in zone}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "", "policies": [{}]},
        {"name": "x", "policies": [{"effect": "perhaps"}]},
        {"name": "x", "policies": "all"},
        {"name": "x", "policies": [{"effect": "allow", "resources": {"com.cloudflare.api.user.*": "*"}}]},
    ],
)
def test_a_token_that_makes_no_sense_is_refused(edge: RunningEdge, body: dict[str, Any]) -> None:
    assert edge.api("POST", "/tokens", json=body).codes == [10026]
