"""Uploads of static assets over HTTP: sessions, tokens, what is refused, and which version has what."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.localedge.client import RunningEdge
from tests.localedge.sites import (
    ASKS_ITS_ASSETS,
    FILES,
    deploy_site,
    hash_of,
    manifest_of,
    open_session,
    send_files,
    site_form,
    upload_files,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_session_asks_for_what_is_missing_and_no_more(edge: RunningEdge, script: str) -> None:
    files = {"/one.txt": b"one of the missing", "/same.txt": b"one of the missing"}
    session = open_session(edge, script, files)
    assert session.result["buckets"] == [[hash_of("/one.txt", files["/one.txt"])]]
    upload_files(edge, script, files)
    more = {**files, "/two.txt": b"two of the missing"}
    assert open_session(edge, script, more).result["buckets"] == [[hash_of(".txt", more["/two.txt"])]]
    assert open_session(edge, "another", files).result["buckets"] == []


def test_the_last_bucket_brings_the_completion_token(edge: RunningEdge, script: str) -> None:
    files = {"/a.txt": b"first of two", "/b.txt": b"second of two"}
    session = open_session(edge, script, files)
    parts = {hash_of(path, body): (body, "text/plain") for path, body in files.items()}
    first, second = parts.items()
    token = session.result["jwt"]
    answer = send_files(edge, token, dict([first]))
    assert (answer.status, answer.result) == (202, {})
    answer = send_files(edge, token, dict([second]))
    assert answer.status == 201
    deployed = edge.api("PUT", f"/workers/scripts/{script}", **site_form(answer.result["jwt"]))
    assert deployed.status == 200, deployed
    assert edge.visit(script, "/b.txt").text == "second of two"


def test_a_token_says_when_it_expires(edge: RunningEdge, script: str) -> None:
    token = open_session(edge, script, {"/x.txt": b"never uploaded"}).result["jwt"]
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["script"] == script


@pytest.mark.parametrize("token", ["x", "a.b", "\xe9.a.b", "GOOD-AND-MORE"])
def test_files_are_taken_with_a_good_token_only(edge: RunningEdge, script: str, token: str) -> None:
    good = open_session(edge, script, {"/x.txt": b"never uploaded"}).result["jwt"]
    answer = edge.api(
        "POST",
        "/workers/assets/upload?base64=true",
        files={"x": ("x", b"")},
        headers={b"Authorization": f"Bearer {token.replace('GOOD', good)}".encode("latin-1")},
    )
    assert (answer.status, answer.codes) == (401, [10000])


def test_the_api_s_token_uploads_no_files(edge: RunningEdge) -> None:
    answer = edge.api("POST", "/workers/assets/upload?base64=true", files={"x": ("x", b"")})
    assert answer.status == 401


@pytest.mark.parametrize(
    ("name", "content", "kind", "told"),
    [
        ("0" * 32, b"eA==", "text/plain", "no file with the hash"),
        (None, b"%%%", "text/plain", "not base64"),
        (None, b"eA==", "text/plain", "1 bytes, its manifest says 14"),
        (None, base64.b64encode(b"never uploaded"), 'text/"x', "no valid content type"),
    ],
)
def test_files_are_as_they_were_announced(
    edge: RunningEdge, script: str, name: str | None, content: bytes, kind: str, told: str
) -> None:
    token = open_session(edge, script, {"/x.txt": b"never uploaded"}).result["jwt"]
    name = name or hash_of("/x.txt", b"never uploaded")
    answer = edge.api(
        "POST",
        "/workers/assets/upload?base64=true",
        files={name: (name, content, kind)},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (answer.status, answer.codes) == (400, [10026])
    assert told in answer.message


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (None, "needs a manifest"),
        ({"index.html": {"hash": "0" * 32, "size": 1}}, "has to begin with /"),
        ({"/a": {"hash": "xyz", "size": 1}}, "32 hexadecimal digits"),
        ({"/a": {"hash": "0" * 32, "size": -1}}, "a number of bytes"),
        ({"/a": {"hash": "0" * 32, "size": True}}, "a number of bytes"),
        ({"/a": {"hash": "0" * 32, "size": 26214401}}, "at most 26214400"),
        ({f"/{i}": {"hash": "0" * 32, "size": 1} for i in range(100_001)}, "at most 100000 assets"),
    ],
)
def test_manifests_that_are_refused(edge: RunningEdge, script: str, manifest: object, told: str) -> None:
    answer = edge.api("POST", f"/workers/scripts/{script}/assets-upload-session", json={"manifest": manifest})
    assert (answer.status, answer.codes) == (400, [10026])
    assert told in answer.message


def test_a_completion_token_is_for_one_worker(edge: RunningEdge, script: str) -> None:
    token = upload_files(edge, "another", FILES)
    answer = edge.api("PUT", f"/workers/scripts/{script}", **site_form(token))
    assert (answer.status, answer.codes) == (400, [10021])
    assert "for the assets of Worker another" in answer.message


def test_a_session_s_token_completes_nothing(edge: RunningEdge, script: str) -> None:
    token = open_session(edge, script, {"/x.txt": b"never uploaded"}).result["jwt"]
    answer = edge.api("PUT", f"/workers/scripts/{script}", **site_form(token))
    assert answer.status == 401
    assert "no completion token" in answer.message


@pytest.mark.parametrize(
    ("config", "code", "told"),
    [
        ({"html_handling": "guess"}, 10021, "has to be one of auto-trailing-slash"),
        ({"not_found_handling": "cry"}, 10021, "has to be one of single-page-application"),
        ({"run_worker_first": "yes"}, 10021, "true, false or a list"),
        ({"run_worker_first": ["api"]}, 10021, "rules must start with '/' or '!/'"),
        ({"run_worker_first": ["/a/*", "/a/b"]}, 10021, "rule '/a/*' makes it redundant"),
        ({"run_worker_first": ["!/a"]}, 10021, "only negative rules"),
        ({"run_worker_first": True}, 10021, "needs a Worker script"),
        ({"base_path": "https://x"}, 10021, "plain path"),
        ({"_redirects": "/* /index.html 200"}, 100324, "Line 1: Infinite loop detected in this rule."),
        ({"_redirects": "\nhttps://a.b/ /c"}, 100324, "Line 2: Only relative URLs are allowed."),
        ({"_headers": "X-A: b"}, 100324, "Line 1: Expected a path before headers"),
        ({"_headers": "/*\n  X-A:"}, 100324, "Line 2: Invalid header format"),
        ({"_headers": 1}, 10021, "the text of a _headers file"),
    ],
)
def test_configurations_that_are_refused(
    edge: RunningEdge, script: str, config: dict[str, Any], code: int, told: str
) -> None:
    form = site_form(upload_files(edge, script, FILES), config=config)
    answer = edge.api("PUT", f"/workers/scripts/{script}", **form)
    assert (answer.status, answer.codes) == (400, [code])
    assert told in answer.message


def test_a_binding_needs_assets(edge: RunningEdge, script: str) -> None:
    answer = edge.api("PUT", f"/workers/scripts/{script}", **site_form(None, ASKS_ITS_ASSETS))
    assert answer.status == 400
    assert "needs assets, which this version has not" in answer.message


def test_answers_tell_of_assets(edge: RunningEdge, script: str) -> None:
    deploy_site(edge, script)
    shown = edge.api("GET", f"/workers/services/{script}").result["default_environment"]["script"]
    assert (shown["has_assets"], shown["has_modules"]) == (True, False)
    edge.deploy(f"{script}-plain")
    shown = edge.api("GET", f"/workers/services/{script}-plain").result["default_environment"]["script"]
    assert (shown["has_assets"], shown["has_modules"]) == (False, True)


def test_each_version_serves_its_own_files(edge: RunningEdge, script: str) -> None:
    first = deploy_site(edge, script, {"/index.html": b"first", "/old.txt": b"old"})
    token = upload_files(edge, script, {"/index.html": b"second"})
    second = edge.api("POST", f"/workers/scripts/{script}/versions", **site_form(token)).result["id"]
    assert edge.visit(script).text == "first"
    assert edge.serve(script, (first, 50), (second, 50)).status == 200
    for version, text in ((first, "first"), (second, "second")):
        override = {"Cloudflare-Workers-Version-Overrides": f'{script}="{version}"'}
        assert edge.visit(script, **override).text == text
    seen = {edge.visit(script).text for _ in range(40)}
    assert seen == {"first", "second"}
    edge.serve(script, (second, 100))
    assert edge.visit(script, "/old.txt").status_code == 404
    edge.serve(script, (first, 100))
    assert edge.visit(script, "/old.txt").text == "old"


def test_assets_are_kept_if_the_upload_says_so(edge: RunningEdge, script: str) -> None:
    deploy_site(edge, script, code=ASKS_ITS_ASSETS, not_found_handling="404-page")
    form = site_form(None, ASKS_ITS_ASSETS, keep_assets=True)
    assert edge.api("PUT", f"/workers/scripts/{script}", **form).status == 200
    assert edge.visit(script, "/style.css").text == "body {}"
    form = site_form(None, ASKS_ITS_ASSETS, bindings=[])
    assert edge.api("PUT", f"/workers/scripts/{script}", **form).status == 200
    assert edge.visit(script, "/style.css").text == "worker /style.css"


def test_a_secret_s_new_version_has_the_assets(edge: RunningEdge, script: str) -> None:
    deploy_site(edge, script, code=ASKS_ITS_ASSETS)
    body = {"name": "KEY", "type": "secret_text", "text": "x"}
    assert edge.api("PUT", f"/workers/scripts/{script}/secrets", json=body).status == 200
    assert edge.visit(script, "/style.css").text == "body {}"


def test_assets_outlive_a_restart(tmp_path: Path) -> None:
    edge = RunningEdge(tmp_path / "edge").start()
    deploy_site(edge, "site", {"/index.html": b"still here"})
    token = upload_files(edge, "site", {"/later.txt": b"redeemed later"})
    edge.stop()
    edge = RunningEdge(tmp_path / "edge").start()
    try:
        assert edge.visit("site").text == "still here"
        assert edge.api("PUT", "/workers/scripts/site", **site_form(token)).status == 200
        assert edge.visit("site", "/later.txt").text == "redeemed later"
    finally:
        edge.stop()


def test_an_empty_site(edge: RunningEdge, script: str) -> None:
    assert manifest_of({}) == {}
    deploy_site(edge, script, {})
    assert edge.visit(script).status_code == 404
