"""What an edge remembers: after a stop and a start everything is as it was."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.localedge.client import RunningEdge, localedge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningEdge, dict[str, str]]]:
    """An edge that was filled, stopped and started again; and what was put in."""
    folder = tmp_path_factory.mktemp("twice")
    first = RunningEdge(folder).start()
    secret = [{"name": "TOKEN", "type": "secret_text", "text": "s3cret"}]
    put = {"old": first.deploy("shop", "old"), "new": first.add_version("shop", "new", bindings=secret)}
    first.serve("shop", (put["old"], 50), (put["new"], 50), annotations={"workers/message": "half"})
    put["namespace"] = first.api("POST", "/storage/kv/namespaces", json={"title": "cache"}).result["id"]
    first.api("PUT", f"/storage/kv/namespaces/{put['namespace']}/values/a", content=b"kept")
    first.deploy("gone")
    first.api("DELETE", "/workers/scripts/gone")
    put |= {name: first.told[name] for name in ("api_url", "traffic_url", "account_id", "token")}
    first.stop()
    second = RunningEdge(folder).start()
    yield second, put
    second.stop()


def test_it_is_the_same_edge(twice: tuple[RunningEdge, dict[str, str]]) -> None:
    edge, put = twice
    for name in ("account_id", "token", "api_url", "traffic_url"):
        assert edge.told[name] == put[name]


def test_the_same_split_serves(twice: tuple[RunningEdge, dict[str, str]]) -> None:
    edge, put = twice
    assert {edge.visit("shop").json()["version"] for _ in range(40)} == {put["old"], put["new"]}
    latest = edge.api("GET", "/workers/scripts/shop/deployments").result["deployments"][0]
    assert latest["annotations"]["workers/message"] == "half"
    assert [share["percentage"] for share in latest["versions"]] == [50, 50]


def test_secrets_are_still_there(twice: tuple[RunningEdge, dict[str, str]]) -> None:
    edge, put = twice
    edge.serve("shop", (put["new"], 100))
    assert edge.visit("shop").json()["secret"] == "s3cret"


def test_values_are_still_there(twice: tuple[RunningEdge, dict[str, str]]) -> None:
    edge, put = twice
    assert edge.raw("GET", f"/storage/kv/namespaces/{put['namespace']}/values/a").text == "kept"


def test_what_was_deleted_stays_away(twice: tuple[RunningEdge, dict[str, str]]) -> None:
    edge, _ = twice
    assert edge.visit("gone").status_code == 404
    assert edge.api("GET", "/workers/services/gone").codes == [10090]


def test_code_that_no_version_has_is_swept_away(twice: tuple[RunningEdge, dict[str, str]]) -> None:
    edge, _ = twice
    assert len(list((edge.folder / "blobs").iterdir())) == 2


def test_visitors_wait_while_it_starts(tmp_path: Path) -> None:
    edge = RunningEdge(tmp_path).start()
    try:
        names = [f"shop-{number}" for number in range(6)]
        for name in names:
            edge.deploy(name)
        address = edge.told["traffic_url"]
        localedge("down", "--folder", str(tmp_path))
        with ThreadPoolExecutor() as threads:
            starting = threads.submit(edge.start)
            answers = list(threads.map(_first_answer, [address] * len(names), names))
            starting.result()
        assert [answer.status_code for answer in answers] == [200] * len(names)
    finally:
        edge.stop()


def _first_answer(address: str, name: str) -> httpx2.Response:
    """The answer to the first request that the edge takes."""
    for _ in range(3000):
        with contextlib.suppress(httpx2.ConnectError):
            return httpx2.get(address, headers={"Host": f"{name}.localhost"}, timeout=30)
        time.sleep(0.01)
    pytest.fail("the edge did not listen in time")
