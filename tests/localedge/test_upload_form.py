"""Uploads: what is taken from the form, and what is refused with a reason."""

from __future__ import annotations

import json

import pytest

from localedge.errors import Invalid
from localedge.multipart import Part
from localedge.workers.upload_form import OLDEST_COMPATIBILITY_DATE, Upload, read_upload

ES_MODULE = "application/javascript+module"
MAIN = Part("index.js", "index.js", ES_MODULE, b"export default {}")


def read(metadata: object = None, *files: Part) -> Upload:
    whole = {"main_module": "index.js"} if metadata is None else metadata
    return read_upload([Part("metadata", body=json.dumps(whole).encode()), *(files or (MAIN,))])


def test_the_least_that_an_upload_needs() -> None:
    upload = read()
    assert (upload.main_module, [module.name for module in upload.modules]) == ("index.js", ["index.js"])
    assert upload.compatibility_date == OLDEST_COMPATIBILITY_DATE


def test_wrangler_names_a_module_by_its_field_and_the_sdk_by_its_file() -> None:
    by_field = Part("lib/a.js", "a.js", ES_MODULE, b"")
    by_file = Part("files", "lib/b.js", ES_MODULE, b"")
    assert [module.name for module in read(None, MAIN, by_field, by_file).modules] == [
        "index.js",
        "lib/a.js",
        "lib/b.js",
    ]


def test_source_maps_are_no_modules() -> None:
    source_map = Part("index.js.map", "index.js.map", "application/source-map", b"{}")
    assert len(read(None, MAIN, source_map).modules) == 1


def test_the_old_format_names_a_body_part() -> None:
    old = Part("worker.js", "worker.js", "application/javascript", b"addEventListener('fetch', () => {})")
    assert read({"body_part": "worker.js"}, old).main_module == "worker.js"


def test_a_long_message_is_cut_between_characters() -> None:
    upload = read(
        {"main_module": "index.js", "annotations": {"workers/message": "é" * 600, "workers/tag": None}}
    )
    assert upload.annotations == {"workers/message": "é" * 500}


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ([], "JSON object"),
        ({}, "main_module"),
        ({"main_module": "other.js"}, "no file is called so"),
        ({"main_module": "index.js", "bindings": {}}, "bindings has to be a list"),
        ({"main_module": "index.js", "compatibility_date": "today"}, "compatibility_date"),
        ({"main_module": "index.js", "compatibility_flags": [1]}, "compatibility_flags"),
        ({"main_module": "index.js", "annotations": {"workers/tag": "t" * 101}}, "workers/tag"),
        ({"main_module": "index.js", "assets": {"config": {}}}, "assets needs the completion token"),
        ({"main_module": "index.js", "exports": {"Counter": {}}}, "exports: the local edge"),
    ],
)
def test_other_metadata_is_refused(metadata: object, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        read(metadata)


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="two files"):
        read(None, MAIN, MAIN)


def test_a_form_without_metadata_or_with_broken_metadata_is_refused() -> None:
    with pytest.raises(Invalid, match="no part named 'metadata'"):
        read_upload([MAIN])
    with pytest.raises(Invalid, match="not JSON"):
        read_upload([Part("metadata", body=b"{"), MAIN])


@pytest.mark.parametrize("place", ["workers/message", "workers/tag", "workers/\ud800"])
def test_half_of_a_surrogate_pair_is_refused(place: str) -> None:
    with pytest.raises(Invalid, match="half of a surrogate pair"):
        read({"main_module": "index.js", "annotations": {place: "bad \udcff"}})


def test_metadata_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(Invalid, match="nested too deeply"):
        read_upload([Part("metadata", body=b"[" * 100_000), MAIN])


@pytest.mark.parametrize(
    ("metadata", "files"),
    [
        ({"main_module": "a.py"}, (Part("a.py", "a.py", "text/x-python", b"x = 1"),)),
        ({"compatibility_flags": ["python_workers"]}, (MAIN,)),
    ],
)
def test_python_is_refused_with_the_reason(metadata: dict[str, object], files: tuple[Part, ...]) -> None:
    with pytest.raises(Invalid, match=r"cannot run them .* offline"):
        read(metadata, *files)
