"""The official Python SDK on zones, routes, custom domains and the workers.dev switch; its types read all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cloudflare
import pytest
from cloudflare import Cloudflare

from tests.localedge.test_addresses_api import says

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e


@pytest.fixture
def zone(edge: RunningEdge, sdk: Cloudflare, script: str) -> Iterator[str]:
    """The id of a zone named after the test's Worker; gone again at the end."""
    account: Any = {"id": edge.told["account_id"]}
    made = sdk.zones.create(account=account, name=f"{script}.sdk.test", type="full")
    assert made is not None
    yield made.id
    sdk.zones.delete(zone_id=made.id)
    with pytest.raises(cloudflare.NotFoundError):
        sdk.zones.get(zone_id=made.id)


def test_zones(sdk: Cloudflare, zone: str, script: str) -> None:
    [found] = sdk.zones.list(name=f"{script}.sdk.test")
    read = sdk.zones.get(zone_id=zone)
    assert read is not None
    assert (found.id, read.name, read.status) == (zone, found.name, "active")


def test_routes(edge: RunningEdge, sdk: Cloudflare, zone: str, script: str) -> None:
    edge.deploy(script, "routed")
    host = f"{script}.sdk.test"
    made = sdk.workers.routes.create(zone_id=zone, pattern=f"{host}/a*", script=script)
    assert says(edge, host, "/a") == "routed"
    sdk.workers.routes.update(made.id, zone_id=zone, pattern=f"{host}/b*", script=script)
    assert (says(edge, host, "/a"), says(edge, host, "/b")) == ("404", "routed")
    read = sdk.workers.routes.get(made.id, zone_id=zone)
    assert [route.pattern for route in sdk.workers.routes.list(zone_id=zone)] == [read.pattern]
    with pytest.raises(cloudflare.ConflictError) as taken:
        sdk.workers.routes.create(zone_id=zone, pattern=f"{host}/b*")
    assert taken.value.errors[0].code == 10020
    sdk.workers.routes.delete(made.id, zone_id=zone)
    assert says(edge, host, "/b") == "404"


def test_custom_domains(edge: RunningEdge, sdk: Cloudflare, zone: str, script: str) -> None:
    edge.deploy(script, "at home")
    account, host = edge.told["account_id"], f"shop.{script}.sdk.test"
    made = sdk.workers.domains.update(account_id=account, hostname=host, service=script, zone_id=zone)
    assert says(edge, host) == "at home"
    assert sdk.workers.domains.get(made.id, account_id=account).service == script
    assert [found.id for found in sdk.workers.domains.list(account_id=account, service=script)] == [made.id]
    sdk.workers.domains.delete(made.id, account_id=account)
    assert says(edge, host) == "404"


def test_the_switch_and_the_subdomain(edge: RunningEdge, sdk: Cloudflare, script: str) -> None:
    edge.deploy(script)
    account, switch = edge.told["account_id"], sdk.workers.scripts.subdomain
    before = switch.get(script, account_id=account)
    off = switch.delete(script, account_id=account)
    on = switch.create(script, account_id=account, enabled=True, previews_enabled=False)
    assert [(each.enabled, each.previews_enabled) for each in (before, off, on)] == [
        (True, True),
        (False, False),
        (True, False),
    ]
    kept = sdk.workers.subdomains.update(account_id=account, subdomain="local")
    assert kept.subdomain == sdk.workers.subdomains.get(account_id=account).subdomain == "local"
