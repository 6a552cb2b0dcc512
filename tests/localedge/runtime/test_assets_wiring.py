"""What static assets add to a version's process, and what they do not add to one without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.assets.wiring import packed
from localedge.products import PRODUCTS
from localedge.runtime.configs.version import version_config
from localedge.runtime.places import Places
from localedge.runtime.spec import AssetFile
from localedge.runtime.tools import find_tools
from tests.localedge.runtime.workers import version

if TYPE_CHECKING:
    from pathlib import Path


def test_a_version_without_assets_has_nothing_of_them(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path, find_tools())
    config = version_config(version("v"), tmp_path, places, PRODUCTS, traced=False)
    assert 'name = "assets' not in config
    assert config.count("worker = (") == 2  # the Worker, and what stands beside every one


def test_the_manifest_is_sorted_by_the_hashes_of_the_paths() -> None:
    files = [AssetFile(f"/{number}", f"{number:032x}", "digest", None) for number in range(50)]
    manifest = packed(files)
    assert len(manifest) == 20 + 50 * 40
    keys = [manifest[place : place + 16] for place in range(20, len(manifest), 40)]
    assert keys == sorted(keys)
