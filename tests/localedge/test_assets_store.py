"""What is kept of uploads of assets, and for how long; tokens that are too old."""

from __future__ import annotations

import datetime
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from localedge.assets import store, table, tokens
from localedge.assets.manifest import BUCKET_BYTES_MAX, BUCKET_FILES_MAX, buckets_of, read_manifest
from localedge.assets.store import AssetStore
from localedge.assets.table import AssetTable
from localedge.assets.tokens import COMPLETION, UPLOAD, Claims, Tokens
from localedge.errors import Unauthenticated
from localedge.multipart import Part
from localedge.state.blobs import Blobs
from localedge.state.database import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def assets(tmp_path: Path, blobs: Blobs) -> Iterator[AssetStore]:
    with closing(open_database(tmp_path / "state.sqlite", (table.SCHEMA,))) as database:
        yield AssetStore(AssetTable(database), blobs, Tokens("a key"))


async def uploaded(assets: AssetStore, name: str) -> str:
    """The digest of a manifest of one file, whose content is one letter."""
    manifest = read_manifest({"manifest": {"/x": {"hash": name * 32, "size": 1}}})
    session = assets.open_session("site", manifest)
    token = await assets.take(session.jwt, [Part(name * 32, "x", "", b"eA==")])
    assert token is not None
    return assets.redeem("site", token)


async def test_what_no_version_uses_is_kept_for_a_day(
    assets: AssetStore, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, unused = await uploaded(assets, "a"), await uploaded(assets, "b")
    blobs.keep_only(assets.keep({used}))
    assert assets.files(unused)
    monkeypatch.setattr(store, "UNUSED_KEPT", datetime.timedelta(seconds=-1))
    kept = assets.keep({used})
    (file,) = assets.files(used)
    assert kept == {file.digest}
    blobs.keep_only(kept)
    assert blobs.get(file.digest) == b"x"
    assert assets.keep(set()) == set()


def test_a_token_is_good_for_its_purpose_and_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Tokens("a key")
    token = ours.sign(UPLOAD, Claims("site", "digest"))
    assert ours.read(UPLOAD, token) == Claims("site", "digest")
    with pytest.raises(Unauthenticated, match="no completion token"):
        ours.read(COMPLETION, token)
    with pytest.raises(Unauthenticated, match="no upload token"):
        Tokens("another key").read(UPLOAD, token)
    monkeypatch.setattr(tokens, "VALID_SECONDS", 0)
    with pytest.raises(Unauthenticated, match="expired"):
        ours.read(UPLOAD, ours.sign(UPLOAD, Claims("site", "digest")))


def test_buckets_are_bounded_in_files_and_bytes() -> None:
    many = {f"{number}": 1 for number in range(BUCKET_FILES_MAX + 1)}
    assert [len(bucket) for bucket in buckets_of(many)] == [BUCKET_FILES_MAX, 1]
    large = {"a": BUCKET_BYTES_MAX, "b": 1, "c": BUCKET_BYTES_MAX - 1, "d": 1}
    assert buckets_of(large) == [["a"], ["b", "c"], ["d"]]
    assert buckets_of({}) == []
