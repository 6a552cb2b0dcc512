"""What every Platform promises: the REST API on a real local edge, and the fake in memory alike."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Protocol

import pytest

from headgate.adapters import localedge
from headgate.adapters.calls import MemoryCallLog
from headgate.adapters.clock import SystemClock
from headgate.adapters.cloudflare.client import ApiCall, ApiClient
from headgate.adapters.cloudflare.workers import WorkersPlatform
from headgate.adapters.http_client import HttpClient
from headgate.domain.artifact import Bundle, Module
from headgate.domain.errors import HeadgateError, PlatformError, ScriptDoesNotStart
from tests.fakes.fake_platform import FakePlatform

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headgate.domain.traffic import Split
    from headgate.ports import Platform

NOBODY = "00000000-0000-4000-8000-000000000000"


class Account(Protocol):
    """A Platform, and what only tests do to an account."""

    @property
    def platform(self) -> Platform: ...

    def put_secret(self, script: str, name: str, text: str) -> None: ...

    def add_namespace(self, title: str) -> str: ...

    def force(self, script: str, split: Split) -> None: ...


class FakeAccount:
    def __init__(self) -> None:
        self.platform = FakePlatform()

    def put_secret(self, script: str, name: str, text: str) -> None:
        self.platform.put_secret(script, name, text)

    def add_namespace(self, title: str) -> str:
        self.platform.namespaces.add(title)
        return title

    def force(self, script: str, split: Split) -> None:
        self.platform.deploy(script, split, message="forced", force=True)


class EdgeAccount:
    def __init__(self, folder: Path, http: HttpClient) -> None:
        access = localedge.access(folder)
        self.calls = MemoryCallLog()
        self._api = ApiClient(access, http, calls=self.calls, clock=SystemClock())
        self.platform = WorkersPlatform(self._api, access)

    def put_secret(self, script: str, name: str, text: str) -> None:
        body = json.dumps({"name": name, "text": text, "type": "secret_text"}).encode()
        self._api.call(ApiCall("PUT", f"/accounts/{{account}}/workers/scripts/{script}/secrets", body=body))

    def add_namespace(self, title: str) -> str:
        body = json.dumps({"title": title}).encode()
        made = self._api.call(ApiCall("POST", "/accounts/{account}/storage/kv/namespaces", body=body))
        return str(made["id"])

    def force(self, script: str, split: Split) -> None:
        self.platform.deploy(script, split, message="forced", force=True)


@pytest.fixture(name="account", params=["fake", pytest.param("edge", marks=pytest.mark.e2e)])
def an_account(request: pytest.FixtureRequest) -> Iterator[Account]:
    if request.param == "fake":
        yield FakeAccount()
        return
    with HttpClient(user_agent="headgate/test") as http:
        yield EdgeAccount(request.getfixturevalue("edge_folder"), http)


@pytest.fixture(name="platform")
def the_platform(account: Account) -> Platform:
    return account.platform


@pytest.fixture(name="script")
def a_worker_name(platform: Platform) -> Iterator[str]:
    name = f"shop-{uuid.uuid4().hex[:8]}"
    yield name
    platform.delete_worker(name)


def bundle(says: str = "hello") -> Bundle:
    code = f"export default {{ fetch() {{ return new Response({says!r}); }} }};"
    return _bundle(code)


def _bundle(code: str) -> Bundle:
    metadata = {
        "main_module": "index.js",
        "compatibility_date": "2026-09-01",
        "bindings": [],
        "keep_bindings": ["secret_text", "secret_key"],
    }
    return Bundle((Module("index.js", "application/javascript+module", code.encode()),), metadata)


def create(platform: Platform, script: str, tag: str = "t1") -> str:
    return platform.create_worker(script, bundle(), message="first", tag=tag).id


def upload(platform: Platform, script: str, tag: str = "t2") -> str:
    return platform.upload_version(script, bundle(tag), message="next", tag=tag).id


def serving(platform: Platform, script: str) -> dict[str, float]:
    deployment = platform.deployment(script)
    assert deployment is not None
    return dict(deployment.split)


def test_it_says_who_we_are(platform: Platform) -> None:
    assert "token" in platform.verify_access()


def test_a_worker_that_is_not_there_has_nothing(platform: Platform, script: str) -> None:
    assert platform.deployment(script) is None
    assert platform.version(script, NOBODY) is None
    assert list(platform.versions(script)) == []
    assert platform.secret_names(script) is None


def test_the_first_version_serves_at_once(platform: Platform, script: str) -> None:
    version = platform.create_worker(script, bundle(), message="first", tag="t1")
    deployment = platform.deployment(script)
    assert deployment is not None
    assert deployment.split == {version.id: 100}
    assert deployment.main_version == version.id
    assert (version.number, version.message, version.tag) == (1, "first", "t1")
    assert version.author
    assert version.created_on.startswith("20")
    assert platform.version(script, version.id) == version


def test_creating_twice_is_the_same_as_once(platform: Platform, script: str) -> None:
    assert create(platform, script) == create(platform, script)
    assert len(platform.versions(script)) == 1


def test_creating_does_not_take_the_traffic_of_a_worker_that_is_there(
    platform: Platform, script: str
) -> None:
    first = create(platform, script)
    with pytest.raises(PlatformError, match="exists by now"):
        create(platform, script, tag="other")
    assert serving(platform, script) == {first: 100}


def test_an_upload_gets_no_traffic(platform: Platform, script: str) -> None:
    first = create(platform, script)
    second = upload(platform, script)
    assert serving(platform, script) == {first: 100}
    assert [version.id for version in platform.versions(script)] == [second, first]
    found = platform.version(script, second)
    assert found is not None
    assert (found.number, found.message, found.tag) == (2, "next", "t2")


def test_a_long_message_is_cut(platform: Platform, script: str) -> None:
    version = platform.create_worker(script, bundle(), message="word " * 100, tag="t1")
    assert version.message.startswith("word word")
    assert len(version.message) <= 120


def test_an_upload_needs_a_worker(platform: Platform, script: str) -> None:
    with pytest.raises(PlatformError) as caught:
        upload(platform, script)
    assert caught.value.status == 404


@pytest.mark.parametrize("how", ["create", "upload"])
def test_a_script_that_does_not_start_changes_nothing(platform: Platform, script: str, how: str) -> None:
    broken = _bundle("throw new Error('boom');")
    if how == "create":
        with pytest.raises(ScriptDoesNotStart):
            platform.create_worker(script, broken, message="broken", tag="t9")
        assert platform.deployment(script) is None
        return
    first = create(platform, script)
    with pytest.raises(ScriptDoesNotStart):
        platform.upload_version(script, broken, message="broken", tag="t9")
    assert serving(platform, script) == {first: 100}
    assert len(platform.versions(script)) == 1


def test_a_split_is_set_and_read_back(platform: Platform, script: str) -> None:
    first, second = create(platform, script), upload(platform, script)
    for split in ({first: 100.0, second: 0.0}, {first: 12.5, second: 87.5}, {second: 100.0, first: 0.0}):
        told = platform.deploy(script, split, message="shift")
        assert dict(told.split) == split
        assert platform.deployment(script) == told
        assert told.message == "shift"


def test_deploying_twice_is_the_same_as_once(platform: Platform, script: str) -> None:
    create(platform, script)
    second = upload(platform, script)
    for _ in range(2):
        platform.deploy(script, {second: 100.0}, message="shift")
        assert serving(platform, script) == {second: 100}


@pytest.mark.parametrize("shares", [(), (50.0,), (150.0, -50.0), (40.0, 40.0), (50.0, 25.0, 25.0)])
def test_a_split_that_makes_no_sense_is_refused(
    platform: Platform, script: str, shares: tuple[float, ...]
) -> None:
    first = create(platform, script)
    versions = [first, upload(platform, script), upload(platform, script, "t3")]
    with pytest.raises(HeadgateError):
        platform.deploy(script, dict(zip(versions, shares, strict=False)), message="no")
    assert serving(platform, script) == {first: 100}


def test_a_version_that_is_not_there_cannot_be_deployed(platform: Platform, script: str) -> None:
    first = create(platform, script)
    with pytest.raises(PlatformError):
        platform.deploy(script, {NOBODY: 100.0}, message="no")
    assert serving(platform, script) == {first: 100}
    assert platform.version(script, NOBODY) is None


def test_a_worker_that_is_not_there_cannot_be_deployed(platform: Platform, script: str) -> None:
    with pytest.raises(PlatformError):
        platform.deploy(script, {NOBODY: 100.0}, message="no")


def test_secrets_are_told_by_name_and_inherited(account: Account, script: str) -> None:
    platform = account.platform
    create(platform, script)
    assert platform.secret_names(script) == frozenset()
    account.put_secret(script, "CART_KEY", "hush")
    upload(platform, script, "t3")
    assert platform.secret_names(script) == frozenset({"CART_KEY"})


def test_going_back_to_other_secrets_has_to_be_forced(account: Account, script: str) -> None:
    platform = account.platform
    first = create(platform, script)
    account.put_secret(script, "CART_KEY", "hush")
    with pytest.raises(PlatformError) as caught:
        platform.deploy(script, {first: 100.0}, message="back")
    assert caught.value.code == 10220
    account.force(script, {first: 100.0})
    assert serving(platform, script) == {first: 100}


def test_namespaces_are_told_by_id(account: Account) -> None:
    made = {account.add_namespace(f"space-{uuid.uuid4().hex}") for _ in range(3)}
    assert made <= account.platform.kv_namespaces()


def test_a_worker_is_deleted_once_and_for_all(platform: Platform, script: str) -> None:
    create(platform, script)
    platform.delete_worker(script)
    platform.delete_worker(script)
    assert platform.deployment(script) is None


def test_the_address_is_a_base(platform: Platform, script: str) -> None:
    create(platform, script)
    address = platform.address(script)
    assert address.startswith("http")
    assert script in address
    assert not address.endswith("/")
