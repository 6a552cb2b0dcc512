"""Zones, routes, custom domains, the workers.dev switch and previews: over the API, and what they serve."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.localedge.client import Answer, RunningEdge

NUMBERS = itertools.count(1)


@pytest.fixture
def zone(edge: RunningEdge) -> dict[str, str]:
    """A zone that no other test has."""
    answer = api(edge, "POST", "/zones", json={"name": f"Zone-{next(NUMBERS)}.test"})
    assert answer.status == 200, answer
    return {"id": answer.result["id"], "name": answer.result["name"]}


def api(edge: RunningEdge, method: str, path: str, **request: object) -> Answer:
    """A request that names no account."""
    return edge.api(method, f"{edge.told['api_url']}{path}", **request)


def says(edge: RunningEdge, host: str, path: str = "/") -> str:
    """What the Worker at a host says; the status when none does."""
    answer = edge.http.get(f"{edge.told['traffic_url']}{path}", headers={"Host": host})
    return str(answer.json()["says"]) if answer.is_success else str(answer.status_code)


def add_route(edge: RunningEdge, zone: dict[str, str], pattern: str, script: str | None) -> Answer:
    return api(
        edge, "POST", f"/zones/{zone['id']}/workers/routes", json={"pattern": pattern, "script": script}
    )


def test_a_zone_comes_is_found_and_goes(edge: RunningEdge, zone: dict[str, str]) -> None:
    account = edge.told["account_id"]
    assert zone["name"] == zone["name"].lower()
    [found] = api(edge, "GET", f"/zones?name={zone['name']}&account.id={account}").result
    assert (found["id"], found["status"], found["account"]["id"]) == (zone["id"], "active", account)
    assert api(edge, "GET", f"/zones?name=www.{zone['name']}").result == []
    assert api(edge, "GET", "/zones?account.id=another").result == []
    assert api(edge, "GET", f"/zones/{zone['id']}").result["name"] == zone["name"]
    assert api(edge, "POST", "/zones", json={"name": zone["name"]}).codes == [1061]
    assert api(edge, "DELETE", f"/zones/{zone['id']}").result == {"id": zone["id"]}
    assert api(edge, "GET", f"/zones/{zone['id']}").codes == [1001]
    assert api(edge, "GET", f"/zones/{zone['id']}/dns_records").status == 501


def test_zones_are_listed_by_page(edge: RunningEdge, zone: dict[str, str]) -> None:
    page = api(edge, "GET", "/zones?per_page=1&page=1")
    assert len(page.result) == 1
    assert page.info["total_count"] == page.info["total_pages"] >= 1
    assert api(edge, "GET", f"/zones?per_page=1&page={page.info['total_pages'] + 1}").result == []


@pytest.mark.parametrize("name", ["", "localhost", "a b.test", "*.test", "-.test", "a" * 260 + ".test", 7])
def test_a_zones_name_is_a_domain(edge: RunningEdge, name: object) -> None:
    answer = api(edge, "POST", "/zones", json={"name": name})
    assert (answer.status, answer.codes) == (400, [1049])


def test_a_route_serves_changes_and_goes(edge: RunningEdge, zone: dict[str, str], script: str) -> None:
    edge.deploy(script, "one")
    edge.deploy(f"{script}-b", "two")
    host = f"www.{zone['name']}"
    assert says(edge, host) == "404"
    route = add_route(edge, zone, f"*.{zone['name']}/api/*", script).result
    assert says(edge, host, "/api/x?a=1") == "one"
    assert says(edge, host, "/other") == says(edge, zone["name"], "/api/x") == "404"

    path = f"/zones/{zone['id']}/workers/routes/{route['id']}"
    changed = {"pattern": f"{host}/*", "script": f"{script}-b"}
    assert api(edge, "PUT", path, json=changed).result == {"id": route["id"], **changed}
    assert says(edge, host, "/other") == "two"
    assert api(edge, "GET", path).result == {"id": route["id"], **changed}
    assert api(edge, "DELETE", path).result == {"id": route["id"]}
    assert says(edge, host, "/other") == "404"
    assert (api(edge, "GET", path).status, api(edge, "GET", path).codes) == (404, [10009])


def test_a_route_without_a_worker_keeps_workers_away(
    edge: RunningEdge, zone: dict[str, str], script: str
) -> None:
    edge.deploy(script, "one")
    add_route(edge, zone, f"{zone['name']}/*", script)
    assert add_route(edge, zone, f"{zone['name']}/cat.png", None).result["script"] is None
    assert says(edge, zone["name"], "/cat.png") == "404"
    assert says(edge, zone["name"], "/cat.png?foo=bar") == "one"


def test_what_is_wrong_with_a_route_is_told(edge: RunningEdge, zone: dict[str, str], script: str) -> None:
    edge.deploy(script)
    assert add_route(edge, zone, f"{zone['name']}/*", script).status == 200
    again = add_route(edge, zone, f"{zone['name'].upper()}/*", None)
    assert (again.status, again.codes) == (409, [10020])
    assert script in again.message
    assert add_route(edge, zone, "example.org/*", script).codes == [10022]
    assert add_route(edge, zone, f"{zone['name']}/*.jpg", script).codes == [10022]
    assert add_route(edge, zone, f"{zone['name']}/a", "no-such-worker").codes == [10019]
    assert api(edge, "POST", f"/zones/{zone['id']}/workers/routes", json={}).codes == [10026]
    assert add_route(edge, {"id": "0" * 32}, "a.test/", script).codes == [1001]


def test_a_workers_routes_are_set_as_a_whole(edge: RunningEdge, zone: dict[str, str], script: str) -> None:
    edge.deploy(script, "one")
    edge.deploy(f"{script}-b")
    path, name = f"/workers/scripts/{script}/routes", zone["name"]
    add_route(edge, zone, f"{name}/theirs", f"{script}-b")
    first = [{"pattern": f"{name}/a*"}, {"pattern": f"{name}/b*", "zone_name": name}]
    assert edge.api("PUT", path, json=first).result == [f"{name}/a*", f"{name}/b*"]
    before = {route["pattern"]: route["id"] for route in edge.api("GET", path).result}

    second = [{"pattern": f"{name}/b*", "zone_id": zone["id"]}, {"pattern": f"{name}/c*"}]
    assert edge.api("PUT", path, json=second).status == 200
    after = {route["pattern"]: route["id"] for route in edge.api("GET", path).result}
    assert after.keys() == {f"{name}/b*", f"{name}/c*"}
    assert after[f"{name}/b*"] == before[f"{name}/b*"]
    assert [says(edge, name, path) for path in ("/a", "/b", "/c")] == ["404", "one", "one"]

    taken = edge.api("PUT", path, json=[{"pattern": f"{name}/d"}, {"pattern": f"{name}/theirs"}])
    assert (taken.status, taken.codes) == (409, [10020])
    assert {route["pattern"] for route in edge.api("GET", path).result} == after.keys()
    assert edge.api("PUT", path, json=[{"pattern": "nowhere.example/*"}]).codes == [1001]
    assert edge.api("PUT", path, json={"pattern": "x"}).codes == [10026]


def test_a_deleted_worker_takes_its_addresses_with_it(
    edge: RunningEdge, zone: dict[str, str], script: str
) -> None:
    edge.deploy(script)
    add_route(edge, zone, f"{zone['name']}/*", script)
    edge.api("PUT", "/workers/domains", json={"hostname": f"www.{zone['name']}", "service": script})
    edge.api("DELETE", f"/workers/scripts/{script}")
    assert api(edge, "GET", f"/zones/{zone['id']}/workers/routes").result == []
    assert edge.api("GET", f"/workers/domains?zone_id={zone['id']}").result == []
    assert says(edge, zone["name"]) == says(edge, f"www.{zone['name']}") == "404"


def test_a_custom_domain_comes_is_found_and_goes(
    edge: RunningEdge, zone: dict[str, str], script: str
) -> None:
    edge.deploy(script, "one")
    hostname = f"shop.{zone['name']}"
    put = edge.api("PUT", "/workers/domains", json={"hostname": hostname, "service": script}).result
    assert (put["hostname"], put["zone_name"], put["service"]) == (hostname, zone["name"], script)
    assert says(edge, hostname, "/any/path?x") == "one"
    assert edge.api("GET", f"/workers/domains?service={script}").result == [put]
    assert edge.api("GET", f"/workers/domains/records?page=0&service={script}").result == [put]
    assert edge.api("GET", f"/workers/domains/{put['id']}").result == put
    off = {"hostname": hostname, "service": script, "enabled": False}
    assert edge.api("PUT", "/workers/domains", json=off).result == {**put, "enabled": False}
    assert says(edge, hostname) == "404"
    assert edge.api("DELETE", f"/workers/domains/{put['id']}").status == 200
    assert edge.api("GET", f"/workers/domains/{put['id']}").codes == [10134]


def test_what_is_wrong_with_a_custom_domain_is_told(
    edge: RunningEdge, zone: dict[str, str], script: str
) -> None:
    edge.deploy(script)
    good = {"hostname": f"shop.{zone['name']}", "service": script}

    def told(**changes: object) -> list[int]:
        return edge.api("PUT", "/workers/domains", json={**good, **changes}).codes

    assert told(hostname="no host") == told(hostname="*.a.test") == told(hostname=None) == [10026]
    assert told(hostname="shop.nowhere.example") == [1001]
    assert told(hostname="shop.nowhere.example", zone_id=zone["id"]) == [10026]
    assert told(service="no-such-worker") == [10007]
    assert told(previews_enabled=True) == [10501]


def test_a_workers_domains_are_compared_and_set_as_a_whole(
    edge: RunningEdge, zone: dict[str, str], script: str
) -> None:
    edge.deploy(script, "one")
    edge.deploy(f"{script}-b", "two")
    hosts = {letter: {"hostname": f"{letter}.{zone['name']}"} for letter in "abc"}
    path = f"/workers/scripts/{script}/domains"
    whole = {"override_existing_origin": False, "override_existing_dns_record": False}
    assert (
        edge.api("PUT", f"{path}/records", json={**whole, "origins": [hosts["a"], hosts["b"]]}).status == 200
    )
    edge.api("PUT", "/workers/domains", json={**hosts["c"], "service": f"{script}-b"})

    change = edge.api("POST", f"{path}/changeset?replace_state=true", json=[hosts["b"], hosts["c"]]).result
    assert [domain["hostname"] for domain in change["removed"]] == [hosts["a"]["hostname"]]
    assert [domain["modified"] for domain in change["updated"]] == [False, True]
    assert (change["added"], change["conflicting"]) == ([], [])

    wanted = {**whole, "origins": [hosts["b"], hosts["c"]]}
    taken = edge.api("PUT", f"{path}/records", json=wanted)
    assert (taken.status, taken.codes) == (409, [100116])
    assert edge.api("PUT", f"{path}/records", json={**wanted, "override_existing_origin": True}).status == 200
    assert [says(edge, host["hostname"]) for host in hosts.values()] == ["404", "one", "one"]


def test_a_route_wins_over_a_custom_domain(edge: RunningEdge, zone: dict[str, str], script: str) -> None:
    edge.deploy(script, "behind")
    edge.deploy(f"{script}-b", "before")
    edge.api("PUT", "/workers/domains", json={"hostname": zone["name"], "service": script})
    add_route(edge, zone, f"{zone['name']}/a*", f"{script}-b")
    add_route(edge, zone, f"{zone['name']}/ab", None)
    assert [says(edge, zone["name"], path) for path in ("/", "/a", "/ab")] == ["behind", "before", "behind"]


def test_the_switch_takes_the_workers_own_address(edge: RunningEdge, script: str) -> None:
    edge.deploy(script, "one")
    path = f"/workers/scripts/{script}/subdomain"
    assert edge.api("GET", path).result == {"enabled": True, "previews_enabled": True}
    both_off = {"enabled": False, "previews_enabled": False}
    assert edge.api("POST", path, json={"enabled": False}).result == both_off
    gone = edge.visit(script)
    assert gone.status_code == 404
    assert "error code: 1042" in gone.text
    edge.deploy(script, "two")
    assert edge.visit(script).status_code == 404
    only_previews = {"enabled": False, "previews_enabled": True}
    assert edge.api("POST", path, json=only_previews).result == only_previews
    assert edge.api("POST", path, json={"enabled": True}).result["enabled"] is True
    assert edge.visit(script).json()["says"] == "two"
    assert edge.api("DELETE", path).result == both_off
    assert edge.api("POST", path, json={"enabled": "yes"}).codes == [10026]


def test_the_accounts_subdomain_stays(edge: RunningEdge) -> None:
    assert edge.api("PUT", "/workers/subdomain", json={"subdomain": "local"}).status == 200
    other = edge.api("PUT", "/workers/subdomain", json={"subdomain": "other"})
    assert (other.status, other.codes) == (409, [10036])
    assert edge.api("GET", "/workers/subdomain").result == {"subdomain": "local"}


def test_every_version_has_a_preview_address(edge: RunningEdge, script: str) -> None:
    ids = [edge.deploy(script, "v0"), *(edge.add_version(script, f"v{number}") for number in range(1, 6))]
    seen = [edge.visit(f"{version_id[:8]}-{script}").json() for version_id in ids]
    assert [answer["says"] for answer in seen] == [f"v{number}" for number in range(6)]
    assert [answer["version"] for answer in seen] == ids
    assert edge.visit(script).json()["says"] == "v0"
    listed = edge.api("GET", f"/workers/scripts/{script}/versions").result["items"]
    assert {version["metadata"]["hasPreview"] for version in listed} == {True}
    assert edge.visit(f"00000000-{script}").status_code == 404
    metrics = edge.http.get(f"{edge.told['api_url'].removesuffix('/client/v4')}/metrics").text
    assert f'localedge_requests_total{{script="{script}",version="{ids[1]}",status="200"}} 1' in metrics


def test_previews_go_with_their_switch(edge: RunningEdge, script: str) -> None:
    label = f"{edge.deploy(script)[:8]}-{script}"
    assert edge.visit(label).status_code == 200
    path = f"/workers/scripts/{script}/subdomain"
    edge.api("POST", path, json={"enabled": True, "previews_enabled": False})
    assert edge.visit(label).status_code == 404
    edge.api("POST", path, json={"enabled": True, "previews_enabled": True})
    assert edge.visit(label).status_code == 200


def test_an_alias_leads_to_the_newest_version_that_has_it(edge: RunningEdge, script: str) -> None:
    edge.deploy(script, "deployed")
    assert edge.visit(f"pr-7-{script}").status_code == 404
    for says_ in ("first", "second"):
        edge.add_version(script, says_, annotations={"workers/alias": "pr-7"})
        assert edge.visit(f"pr-7-{script}").json()["says"] == says_
    bad = edge.greeter("x", annotations={"workers/alias": "7!"})
    assert edge.api("POST", f"/workers/scripts/{script}/versions", **bad).codes == [10021]
