"""Who may ask, and what is answered to questions that nobody can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

WRONG = {"Authorization": "Bearer not-the-token"}


def test_the_token_is_verified(edge: RunningEdge) -> None:
    verified = edge.raw("GET", f"{edge.told['api_url']}/user/tokens/verify").json()
    assert verified["result"]["status"] == "active"
    assert edge.api("GET", f"{edge.told['api_url']}/user").result["email"] == "developer@localhost"


def test_there_is_one_account(edge: RunningEdge) -> None:
    for path in ("accounts", "memberships"):
        listed = edge.api("GET", f"{edge.told['api_url']}/{path}")
        assert edge.told["account_id"] in str(listed.result)
        assert listed.info["total_count"] == 1
        assert edge.api("GET", f"{edge.told['api_url']}/{path}?page=2").result == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/user/tokens/verify", 401, 1000), ("/user", 403, 9109), ("/accounts", 403, 9109)],
)
def test_a_wrong_token_is_refused(edge: RunningEdge, path: str, status: int, code: int) -> None:
    answer = edge.api("GET", f"{edge.told['api_url']}{path}", headers=WRONG)
    assert (answer.status, answer.codes) == (status, [code])


def test_a_wrong_or_missing_token_opens_no_account(edge: RunningEdge) -> None:
    answer = edge.api("GET", "/workers/scripts", headers=WRONG)
    assert (answer.status, answer.codes) == (403, [10000])
    assert edge.api("GET", "/workers/scripts", headers={"Authorization": ""}).status == 401
    assert edge.api("GET", "/workers/scripts", headers={"Authorization": "Basic eDp5"}).status == 401


def test_another_account_is_refused(edge: RunningEdge) -> None:
    answer = edge.api("GET", f"{edge.told['api_url']}/accounts/{'0' * 32}/workers/scripts")
    assert (answer.status, answer.codes) == (403, [9109])


@pytest.mark.parametrize(
    "path",
    ["/hyperdrive/configs", "/vectorize/v2/indexes", "/pages/projects", "/workers/dispatch/namespaces"],
)
def test_what_only_the_platform_has_is_told_as_such(edge: RunningEdge, path: str) -> None:
    answer = edge.api("GET", path)
    assert (answer.status, answer.codes) == (501, [10501])
    assert "the local edge does not" in answer.message


def test_certificates_are_not_there_either(edge: RunningEdge) -> None:
    assert edge.api("GET", f"{edge.told['api_url']}/certificates").status == 501


@pytest.mark.parametrize("path", ["/nothing", "/workers/nothing", "/workers/scripts/a/nothing", "/d1x"])
def test_a_path_that_nobody_knows_has_no_route(edge: RunningEdge, path: str) -> None:
    answer = edge.api("POST", path)
    assert (answer.status, answer.codes) == (404, [7003, 7000])


def test_outside_the_api_there_is_nothing_either(edge: RunningEdge) -> None:
    origin = edge.told["api_url"].removesuffix("/client/v4")
    assert edge.api("GET", f"{origin}/favicon.ico").codes == [7003, 7000]
    assert edge.api("POST", f"{origin}/metrics").codes == [7001]


def test_a_body_that_is_too_large_is_refused(edge: RunningEdge, script: str) -> None:
    megabytes = (b"x" * 1024 * 1024 for _ in range(101))
    answer = edge.api("PUT", f"/workers/scripts/{script}", content=megabytes)
    assert (answer.status, answer.codes) == (413, [10027])
