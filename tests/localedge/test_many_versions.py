"""A hundred versions can be gone back to, though their processes sleep; the code of older ones is let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localedge.client import RunningEdge

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = 100
UPLOADED = KEPT + 3

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningEdge, list[str]]]:
    """An edge with a Worker of many versions, of which the first serves."""
    running = RunningEdge(tmp_path_factory.mktemp("many")).start()
    ids = [running.deploy("shop", "v1")]
    ids += [running.add_version("shop", f"v{number}") for number in range(2, UPLOADED + 1)]
    yield running, ids
    running.stop()


def test_the_hundredth_newest_is_woken_and_serves(many: tuple[RunningEdge, list[str]]) -> None:
    edge, ids = many
    assert edge.visit("shop").json()["version"] == ids[0]
    assert edge.serve("shop", (ids[-KEPT], 100)).status == 200
    assert edge.visit("shop").json()["version"] == ids[-KEPT]
    refused = edge.serve("shop", (ids[-KEPT - 1], 100))
    assert (refused.status, refused.codes) == (400, [10026])
    edge.serve("shop", (ids[-1], 100))


def test_all_are_listed_a_hundred_are_deployable(many: tuple[RunningEdge, list[str]]) -> None:
    edge, ids = many
    path = "/workers/scripts/shop/versions"
    deployable = edge.api("GET", f"{path}?deployable=true").result["items"]
    assert [version["id"] for version in deployable] == ids[: -KEPT - 1 : -1]
    assert edge.api("GET", path).info["total_count"] == UPLOADED


def test_few_of_them_have_a_process(many: tuple[RunningEdge, list[str]]) -> None:
    edge, _ = many
    folders = [path for path in (edge.folder / "runtime" / "run").iterdir() if path.name.isdigit()]
    assert len(folders) < KEPT / 2


def test_a_sleeping_version_answers_at_its_preview_address(many: tuple[RunningEdge, list[str]]) -> None:
    edge, ids = many
    middle = ids[UPLOADED // 2]
    assert edge.visit(f"{middle[:8]}-shop").json()["version"] == middle
    assert edge.visit(f"{ids[0][:8]}-shop").status_code == 404


def test_the_code_of_older_ones_is_let_go_at_the_next_start(many: tuple[RunningEdge, list[str]]) -> None:
    edge, ids = many
    port = edge.told["traffic_url"].rpartition(":")[2]
    edge.stop()
    again = RunningEdge(edge.folder).start("--traffic-port", port)
    edge.told, edge.http = again.told, again.http
    assert len(list((edge.folder / "blobs").iterdir())) == KEPT
    path = "/workers/scripts/shop"
    assert edge.api("GET", f"{path}/versions/{ids[0]}").result["number"] == 1
    gone = edge.api("GET", f"{path}/content/v2?version={ids[0]}")
    assert (gone.status, gone.codes) == (404, [10130])
    assert edge.raw("GET", f"{path}/content/v2?version={ids[-KEPT]}").status_code == 200
    edge.serve("shop", (ids[-KEPT], 100))
    assert edge.visit("shop").json()["version"] == ids[-KEPT]
