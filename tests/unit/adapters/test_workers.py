"""Uploads and deployments whose answer is lost, and what else the contract suite cannot bring about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from headgate.adapters.cloudflare.workers import WorkersPlatform
from headgate.domain.artifact import Bundle, Module
from headgate.domain.errors import PlatformError, PlatformRefused, PlatformUnreachable
from tests.unit.adapters.scripted_api import ACCOUNT, HANG_UP, Scripted, done, refused, scripted_api

SHOP = f"/accounts/{ACCOUNT}/workers/scripts/shop"
UPLOAD = f"POST {SHOP}/versions?bindings_inherit=strict"
LIST = f"GET {SHOP}/versions?deployable=true"
BUNDLE = Bundle(
    (Module("index.js", "application/javascript+module", b"export default {}"),), {"main_module": "index.js"}
)


def version(name: str, tag: str = "") -> dict[str, Any]:
    metadata = {"created_on": "2026-11-23T12:00:00Z", "author_email": "ann@example.com"}
    return {"id": name, "number": 1, "metadata": metadata, "annotations": {"workers/tag": tag}}


def deployment(**split: float) -> dict[str, Any]:
    versions = [{"version_id": name, "percentage": share} for name, share in split.items()]
    return {"id": "d1", "created_on": "2026-11-23T12:00:00Z", "versions": versions}


def platform(scripted: Scripted) -> WorkersPlatform:
    return WorkersPlatform(scripted.api, scripted.access)


def upload(scripted: Scripted) -> str:
    return platform(scripted).upload_version("shop", BUNDLE, message="m", tag="t1").id


def test_an_upload_whose_answer_was_lost_is_found_by_its_tag() -> None:
    with scripted_api(HANG_UP, done({"items": [version("v9", "other"), version("v2", "t1")]})) as scripted:
        assert upload(scripted) == "v2"
    assert scripted.asked == [UPLOAD, LIST]
    assert scripted.clock.slept == [0.2]


@pytest.mark.parametrize("lost", [HANG_UP, refused(500, 10002)])
def test_an_upload_that_did_not_arrive_is_repeated(lost: bytes) -> None:
    with scripted_api(lost, done({"items": []}), done(version("v2", "t1"))) as scripted:
        assert upload(scripted) == "v2"
    assert scripted.asked == [UPLOAD, LIST, UPLOAD]


def test_an_upload_is_not_repeated_for_ever() -> None:
    with scripted_api(*[HANG_UP, done({"items": []})] * 3) as scripted, pytest.raises(PlatformUnreachable):
        upload(scripted)
    assert scripted.asked == [UPLOAD, LIST] * 3


def test_an_upload_that_was_refused_is_not_repeated() -> None:
    with scripted_api(refused(400, 10021)) as scripted, pytest.raises(PlatformError):
        upload(scripted)
    assert scripted.asked == [UPLOAD]


def test_a_deployment_whose_answer_was_lost_is_looked_at() -> None:
    with scripted_api(HANG_UP, done({"deployments": [deployment(v2=100, v1=0)]})) as scripted:
        told = platform(scripted).deploy("shop", {"v1": 0.0, "v2": 100.0}, message="m")
    assert told.split == {"v1": 0, "v2": 100}
    assert scripted.asked == [f"POST {SHOP}/deployments", f"GET {SHOP}/deployments"]


def test_a_deployment_that_did_not_arrive_is_repeated() -> None:
    answers = HANG_UP, done({"deployments": [deployment(v1=100)]}), done(deployment(v2=100))
    with scripted_api(*answers) as scripted:
        assert platform(scripted).deploy("shop", {"v2": 100.0}, message="m").split == {"v2": 100}


def test_a_deployment_is_sent_as_wrangler_sends_it() -> None:
    with scripted_api(done(deployment(v2=99.5, v1=0.5)), done(deployment(v2=100))) as scripted:
        platform(scripted).deploy("shop", {"v2": 99.5, "v1": 0.5}, message="a\nb")
        platform(scripted).deploy("shop", {"v2": 100.0}, message="m", force=True)
    assert scripted.requests[0].partition(b"\r\n\r\n")[2] == (
        b'{"strategy": "percentage", "versions": [{"version_id": "v2", "percentage": 99.5},'
        b' {"version_id": "v1", "percentage": 0.5}], "annotations": {"workers/message": "a b"}}'
    )
    assert b'"percentage": 100}' in scripted.requests[1]
    assert scripted.asked[1] == f"POST {SHOP}/deployments?force=true"


def test_a_creation_whose_answer_was_lost_is_found_by_what_serves() -> None:
    serves = done({"deployments": [deployment(v1=100)]}), done(version("v1", "t1"))
    with scripted_api(refused(404, 10007), HANG_UP, *serves, done()) as scripted:
        made = platform(scripted).create_worker("shop", BUNDLE, message="m", tag="t1")
    assert made.id == "v1"
    assert scripted.asked == [
        f"GET {SHOP}/deployments",
        f"PUT {SHOP}?excludeScript=true&bindings_inherit=strict",
        f"GET {SHOP}/deployments",
        f"GET {SHOP}/versions/v1",
        f"POST {SHOP}/subdomain",
    ]


def test_a_worker_that_stays_off_workers_dev_gets_no_address_there() -> None:
    serves = done({"deployments": [deployment(v1=100)]}), done(version("v1", "t1"))
    with scripted_api(*serves) as scripted:
        shop = WorkersPlatform(scripted.api, scripted.access, is_public=lambda _script: False)
        shop.create_worker("shop", BUNDLE, message="m", tag="t1")
    assert not any("subdomain" in line for line in scripted.asked)


def test_names_are_quoted_in_paths() -> None:
    with scripted_api(refused(404, 10007)) as scripted:
        assert platform(scripted).deployment("a/../b c") is None
    assert scripted.asked == [f"GET /accounts/{ACCOUNT}/workers/scripts/a%2F..%2Fb%20c/deployments"]


def test_on_the_platform_the_address_is_that_of_workers_dev() -> None:
    with scripted_api(done({"enabled": True}), done({"subdomain": "ann"})) as scripted:
        assert platform(scripted).address("shop") == "https://shop.ann.workers.dev"


@pytest.mark.parametrize(
    "answers",
    [
        (done({"enabled": False}), done({"subdomain": "ann"})),
        (done({"enabled": True}), refused(404, 10007)),
        (refused(404, 10007), done({"subdomain": "ann"})),
    ],
)
def test_without_an_address_on_workers_dev_the_remedy_is_told(answers: tuple[bytes, ...]) -> None:
    with scripted_api(*answers) as scripted, pytest.raises(PlatformError, match="Set `url`"):
        platform(scripted).address("shop")


def test_on_the_local_edge_the_address_is_a_name_under_localhost() -> None:
    with scripted_api() as scripted:
        edge = replace(scripted.access, traffic_url="http://127.0.0.1:8787")
        assert WorkersPlatform(scripted.api, edge).address("shop") == "http://shop.localhost:8787"


def test_a_token_of_an_account_is_asked_after_there() -> None:
    with scripted_api(refused(401, 1000), done({"id": "abcdefgh-ijk"}), done({"subdomain": "x"})) as scripted:
        assert platform(scripted).verify_access() == "token abcdefgh… for account 0123…"


def test_a_token_that_nobody_knows_is_refused() -> None:
    answers = refused(401, 1000), refused(403, 9109)
    with scripted_api(*answers) as scripted, pytest.raises(PlatformRefused) as caught:
        platform(scripted).verify_access()
    assert caught.value.code == 1000


def test_all_pages_of_namespaces_are_read() -> None:
    pages = [[{"id": f"{page}-{n}"} for n in range(size)] for page, size in enumerate((100, 100, 3))]
    with scripted_api(*map(done, pages)) as scripted:
        assert len(platform(scripted).kv_namespaces()) == 203
    assert scripted.asked[2].endswith("namespaces?page=3&per_page=100")


def test_pages_are_not_read_for_ever() -> None:
    page = done([{"id": str(n)} for n in range(100)])
    with scripted_api(*[page] * 51) as scripted, pytest.raises(PlatformError, match="more than 5000"):
        platform(scripted).kv_namespaces()


@pytest.mark.parametrize("result", [None, [], {}, {"deployments": [{}]}, {"deployments": {"a": 1}}, "x"])
def test_an_answer_that_is_not_as_documented_is_told_and_not_guessed(result: object) -> None:
    with scripted_api(done(result)) as scripted, pytest.raises(PlatformError, match="not as documented"):
        platform(scripted).deployment("shop")
