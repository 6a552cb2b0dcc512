from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.adapters.store.artifacts import KEPT, FolderArtifactStore
from headgate.domain.artifact import Bundle, Module
from headgate.domain.errors import HeadgateError, NotFound

if TYPE_CHECKING:
    from pathlib import Path

modules = st.builds(Module, name=st.text(min_size=1), content_type=st.text(), body=st.binary())
bundles = st.builds(
    Bundle,
    modules=st.lists(modules, max_size=4).map(tuple),
    metadata=st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.booleans()), max_size=4),
)


def bundle(text: str = "export default {}") -> Bundle:
    main = Module("worker.js", "application/javascript+module", text.encode())
    return Bundle((main,), {"main_module": "worker.js", "bindings": [{"type": "plain_text", "text": "x"}]})


@pytest.fixture(name="folder")
def a_folder(tmp_path: Path) -> Path:
    return tmp_path / ".headgate" / "artifacts"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=bundles)
def test_a_bundle_is_loaded_with_the_very_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, stored: Bundle
) -> None:
    store = FolderArtifactStore(tmp_path_factory.mktemp("artifacts"))
    key = store.keep(stored)
    assert store.load(key) == stored
    assert store.load(key).digest == stored.digest


def test_the_same_bundle_has_the_same_key_and_another_one_another(folder: Path) -> None:
    store = FolderArtifactStore(folder)
    assert store.keep(bundle()) == store.keep(bundle())
    other_metadata = Bundle(bundle().modules, {"main_module": "worker.js"})
    assert len({store.keep(bundle()), store.keep(bundle("x")), store.keep(other_metadata)}) == 3


def test_only_the_owner_may_read_what_may_hold_variables(folder: Path) -> None:
    FolderArtifactStore(folder).keep(bundle())
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_changed_file_is_not_loaded(folder: Path) -> None:
    store = FolderArtifactStore(folder)
    key = store.keep(bundle())
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes().replace(b"export", b"import"))
    with pytest.raises(HeadgateError, match="not what was stored"):
        store.load(key)


@pytest.mark.parametrize("key", ["", "sha256:", "sha256:" + "0" * 64, "sha256:../../etc/passwd", "0" * 64])
def test_what_is_not_there_is_said_to_be_missing(folder: Path, key: str) -> None:
    with pytest.raises(NotFound, match="no artifact") as caught:
        FolderArtifactStore(folder).load(key)
    assert "Deploy again" in caught.value.remedy


def test_the_newest_are_kept_and_those_in_use(folder: Path) -> None:
    in_use: set[str] = set()
    store = FolderArtifactStore(folder, in_use=lambda: frozenset(in_use))
    keys = []
    for n in range(KEPT + 5):
        keys.append(store.keep(bundle(str(n))))
        os.utime(folder / f"{keys[-1].removeprefix('sha256:')}.bundle", ns=(n, n))
        if n == 1:
            in_use.add(keys[1])
    left = {f"sha256:{file.stem}" for file in folder.iterdir()}
    assert keys[0] not in left
    assert keys[1] in left
    assert set(keys[-KEPT:]) <= left
    assert len(left) == KEPT + 1


def test_no_part_of_a_file_stays_behind_when_it_cannot_be_written(folder: Path) -> None:
    store = FolderArtifactStore(folder)
    key = store.keep(bundle())
    path = folder / f"{key.removeprefix('sha256:')}.bundle"
    path.unlink()
    path.mkdir()
    with pytest.raises(HeadgateError, match="cannot be written") as caught:
        store.keep(bundle())
    assert caught.value.where == str(path)
    assert list(folder.iterdir()) == [path]
