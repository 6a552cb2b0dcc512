"""What a version with static assets answers: Cloudflare's own code serves them, before the Worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localedge.sites import ASKS_ITS_ASSETS, FILES, deploy_site, hash_of

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge


def test_files_have_types_tags_and_lengths(edge: RunningEdge, script: str) -> None:
    deploy_site(edge, script, {**FILES, "/raw": b"no type"})
    answer = edge.visit(script, "/style.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["etag"] == f'"{hash_of("/style.css", b"body {}")}"'
    assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert answer.headers["x-localedge-version"]
    again = edge.visit(script, "/style.css", **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert edge.visit(script, "/empty.txt").content == b""
    assert edge.visit(script, "/a%20file.txt").text == "spaced"
    assert "content-type" not in edge.visit(script, "/raw").headers


@pytest.mark.parametrize(
    ("handling", "answers"),
    [
        (
            "auto-trailing-slash",
            {
                "/": 200,
                "/about": 200,
                "/about/": "/about",
                "/about.html": "/about",
                "/docs": "/docs/",
                "/docs/": 200,
            },
        ),
        ("force-trailing-slash", {"/about": "/about/", "/about/": 200, "/docs": "/docs/", "/docs/": 200}),
        ("drop-trailing-slash", {"/about": 200, "/about/": "/about", "/docs": 200, "/docs/": "/docs"}),
        ("none", {"/about": 404, "/about.html": 200, "/docs/": 404, "/docs/index.html": 200}),
    ],
)
def test_html_handling(edge: RunningEdge, script: str, handling: str, answers: dict[str, int | str]) -> None:
    deploy_site(edge, script, html_handling=handling)
    for path, wanted in answers.items():
        answer = edge.visit(script, path)
        found = answer.headers["location"] if answer.status_code == 307 else answer.status_code
        assert found == wanted, path


@pytest.mark.parametrize(
    ("handling", "status", "text"),
    [
        ("single-page-application", 200, "<h1>home</h1>"),
        ("404-page", 404, "<h1>lost</h1>"),
        ("none", 404, ""),
    ],
)
def test_what_is_not_found(edge: RunningEdge, script: str, handling: str, status: int, text: str) -> None:
    deploy_site(edge, script, not_found_handling=handling)
    answer = edge.visit(script, "/no/such/page")
    assert (answer.status_code, answer.text) == (status, text)


def test_the_worker_gets_what_is_no_asset(edge: RunningEdge, script: str) -> None:
    version = deploy_site(edge, script, code=ASKS_ITS_ASSETS)
    assert edge.visit(script, "/").text == "<h1>home</h1>"
    assert edge.visit(script, "/api").text == "worker /api"
    assert edge.visit(script, "/through").text == "body {}"
    assert edge.visit(script, "/api").headers["x-localedge-version"] == version


def test_a_page_s_navigation_gets_the_application_before_the_worker(edge: RunningEdge, script: str) -> None:
    deploy_site(edge, script, code=ASKS_ITS_ASSETS, not_found_handling="single-page-application")
    assert edge.visit(script, "/users/1", **{"Sec-Fetch-Mode": "navigate"}).text == "<h1>home</h1>"
    assert edge.visit(script, "/users/1").text == "worker /users/1"


@pytest.mark.parametrize(
    ("first", "by_worker", "by_assets"),
    [
        (True, ["/", "/style.css", "/api"], ["/through"]),
        (["/docs/*", "!/docs/index.html"], ["/docs/", "/docs/x"], ["/style.css", "/docs/index.html"]),
    ],
)
def test_the_worker_goes_first_where_it_shall(
    edge: RunningEdge, script: str, first: object, by_worker: list[str], by_assets: list[str]
) -> None:
    deploy_site(edge, script, code=ASKS_ITS_ASSETS, run_worker_first=first, html_handling="none")
    for path in by_worker:
        assert edge.visit(script, path).text == f"worker {path}"
    for path in by_assets:
        assert edge.visit(script, path).text in {"body {}", "<h1>docs</h1>"}


def test_redirects(edge: RunningEdge, script: str) -> None:
    rules = """
    /old            /about                   301   # moved
    /search         https://example.com/?q=1
    /go/*           /docs/:splat             308
    /u/:name/:page  /about?by=:name&at=:page 303
    /styles         /style.css               200
    """
    deploy_site(edge, script, _redirects=rules)
    moved = {
        "/old": (301, "/about"),
        "/old?x=1": (301, "/about?x=1"),
        "/search": (302, "https://example.com/?q=1"),
        "/go/a/b": (308, "/docs/a/b"),
        "/u/ann/7": (303, "/about?by=ann&at=7"),
    }
    for path, wanted in moved.items():
        answer = edge.visit(script, path)
        assert (answer.status_code, answer.headers["location"]) == wanted
    assert edge.visit(script, "/styles").text == "body {}"


def test_headers(edge: RunningEdge, script: str) -> None:
    rules = """
    # everywhere
    /*
      X-Frame-Options: DENY
      X-Path: :splat
    /style.css
      ! Cache-Control
      X-Frame-Options: SAMEORIGIN
    """
    deploy_site(edge, script, code=ASKS_ITS_ASSETS, _headers=rules)
    answer = edge.visit(script, "/style.css")
    assert answer.headers["x-frame-options"] == "DENY, SAMEORIGIN"
    assert "cache-control" not in answer.headers
    assert edge.visit(script, "/about").headers["x-path"] == "about"
    assert "x-path" not in edge.visit(script, "/api").headers  # rules are for assets, not for the Worker


def test_a_site_below_a_path(edge: RunningEdge, script: str) -> None:
    deploy_site(edge, script, base_path="/shop")
    assert edge.visit(script, "/shop/style.css").text == "body {}"
    assert edge.visit(script, "/style.css").status_code == 404


def test_an_exception_behind_assets_is_seen_as_one(edge: RunningEdge, script: str) -> None:
    deploy_site(edge, script, code=ASKS_ITS_ASSETS)
    answer = edge.visit(script, "/throw")
    assert (answer.status_code, "error code: 1101" in answer.text) == (500, True)


def test_bodies_reach_the_worker_and_assets_refuse_them(edge: RunningEdge, script: str) -> None:
    deploy_site(edge, script, code=ASKS_ITS_ASSETS.replace("worker ", "worker"))
    port = edge.told["traffic_url"].rpartition(":")[2]
    host = {"Host": f"{script}.localhost:{port}"}
    for body in (b"short", b"x" * 1_000_000):
        assert (
            edge.http.post(f"{edge.told['traffic_url']}/style.css", content=body, headers=host).status_code
            == 405
        )
        answer = edge.http.post(f"{edge.told['traffic_url']}/form", content=body, headers=host)
        assert answer.text == "worker/form"


@pytest.mark.parametrize("code", [None, ASKS_ITS_ASSETS])
def test_a_service_binding_gets_assets_as_visitors_do(
    edge: RunningEdge, script: str, code: str | None
) -> None:
    deploy_site(edge, script, code=code)
    caller = "export default { fetch: (request, env) => env.SITE.fetch(request) };"
    bindings = [{"name": "SITE", "type": "service", "service": script}]
    form = edge.form(caller, bindings=bindings)
    assert edge.api("PUT", f"/workers/scripts/{script}-caller", **form).status == 200
    assert edge.visit(f"{script}-caller", "/style.css").text == "body {}"


def test_the_older_name_of_run_worker_first(edge: RunningEdge, script: str) -> None:
    deploy_site(edge, script, code=ASKS_ITS_ASSETS, serve_directly=False)
    assert edge.visit(script, "/style.css").text == "worker /style.css"


def test_a_site_is_seen_in_the_metrics(edge: RunningEdge, script: str) -> None:
    version = deploy_site(edge, script)
    for path in ("/", "/style.css", "/none"):
        edge.visit(script, path)
    lines = edge.raw("GET", f"{edge.told['api_url'].removesuffix('/client/v4')}/metrics").text.splitlines()
    counted = [line for line in lines if line.startswith("localedge_requests_total") and version in line]
    assert {line.rpartition(" ")[2] for line in counted} == {"2", "1"}
