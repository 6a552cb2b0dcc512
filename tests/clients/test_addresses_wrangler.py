"""The real wrangler puts a Worker on routes and custom domains, and previews a version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.localedge.client import GREETER
from tests.localedge.test_addresses_api import api, says
from tests.localedge.wrangler import Wrangler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e


@pytest.fixture
def wrangler(edge: RunningEdge, tmp_path: Path) -> Wrangler:
    return Wrangler(edge, tmp_path / "project")


@pytest.fixture
def zone(edge: RunningEdge, script: str) -> str:
    """The name of a zone that no other test has."""
    return str(api(edge, "POST", "/zones", json={"name": f"{script}.example"}).result["name"])


def test_deploy_with_routes_and_custom_domains(
    edge: RunningEdge, wrangler: Wrangler, script: str, zone: str
) -> None:
    routes: list[object] = [
        f"{zone}/api/*",
        {"pattern": f"*.{zone}/*", "zone_name": zone},
        {"pattern": f"shop.{zone}", "custom_domain": True},
    ]
    wrangler.write(GREETER.replace("SAYS", "one"), name=script, routes=routes)
    told = wrangler.run("deploy")
    assert f"{zone}/api/*" in told
    assert f"shop.{zone} (custom domain)" in told
    assert (
        says(edge, zone, "/api/x") == says(edge, f"www.{zone}") == says(edge, f"shop.{zone}", "/x") == "one"
    )
    assert says(edge, zone) == "404"
    # wrangler switches the Worker's own address off when it has routes and is not told otherwise.
    assert edge.visit(script).status_code == 404

    wrangler.write(GREETER.replace("SAYS", "two"), name=script, route=f"{zone}/*", workers_dev=True)
    assert f"{script}.localhost" in wrangler.run("deploy")
    assert says(edge, zone) == "two"
    assert edge.visit(script).json()["says"] == "two"
    assert says(edge, f"www.{zone}") == "404"

    wrangler.run("delete", "--force")
    assert says(edge, zone) == "404"


def test_a_route_of_another_worker_is_not_taken(
    edge: RunningEdge, wrangler: Wrangler, script: str, zone: str
) -> None:
    wrangler.write(GREETER.replace("SAYS", "theirs"), name=f"{script}-b", route=f"{zone}/*")
    wrangler.run("deploy")
    wrangler.write(GREETER.replace("SAYS", "ours"), name=script, route=f"{zone}/*")
    told = wrangler.run("deploy", check=False)
    assert "10020" in told
    assert f"{script}-b" in told
    # The second time its own address is off, and wrangler looks for itself.
    assert "assigned to another worker" in wrangler.run("deploy", check=False)
    assert says(edge, zone) == "theirs"


def test_a_version_is_previewed_under_its_id_and_an_alias(
    edge: RunningEdge, wrangler: Wrangler, script: str
) -> None:
    wrangler.write(GREETER.replace("SAYS", "deployed"), name=script)
    wrangler.run("deploy")
    wrangler.write(GREETER.replace("SAYS", "next"), name=script)
    told = wrangler.run("versions", "upload", "--preview-alias", "try-it")
    version_id = re.search(r"Worker Version ID: (\S+)", told)
    address = re.search(r"Version Preview URL: https://(\S+)", told)
    alias = re.search(r"Version Preview Alias URL: https://(\S+)", told)
    assert version_id is not None
    assert address is not None
    assert alias is not None
    assert address[1].startswith(f"{version_id[1][:8]}-{script}.localhost:")
    assert alias[1].startswith(f"try-it-{script}.localhost:")
    assert says(edge, address[1]) == says(edge, alias[1]) == "next"
    assert edge.visit(script).json()["says"] == "deployed"
