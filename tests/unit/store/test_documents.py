from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from headgate.adapters.store.documents import FolderDocuments
from headgate.domain.errors import HeadgateError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="documents")
def some_documents(tmp_path: Path) -> FolderDocuments:
    return FolderDocuments(tmp_path, reports=".headgate/reports", runbooks="docs/runbooks")


def test_a_report_is_a_file_for_each_form(documents: FolderDocuments, tmp_path: Path) -> None:
    files = documents.write_report("c1", {"md": "# ✅", "json": "{}"})
    assert files == (".headgate/reports/c1.md", ".headgate/reports/c1.json")
    assert (tmp_path / files[0]).read_text() == "# ✅"


def test_a_report_written_again_replaces_the_old_one(documents: FolderDocuments, tmp_path: Path) -> None:
    documents.write_report("c1", {"md": "a long report"})
    documents.write_report("c1", {"md": "short"})
    assert [file.read_text() for file in (tmp_path / ".headgate/reports").iterdir()] == ["short"]


def test_a_runbook_is_updated_from_what_it_holds(documents: FolderDocuments, tmp_path: Path) -> None:
    assert documents.write_runbook("shop", lambda text: f"{text}one\r\n") == "docs/runbooks/shop.md"
    documents.write_runbook("shop", lambda text: f"{text}two\r\n")
    assert (tmp_path / "docs/runbooks/shop.md").read_bytes() == b"one\r\ntwo\r\n"


def test_an_unchanged_runbook_is_not_touched(documents: FolderDocuments, tmp_path: Path) -> None:
    documents.write_runbook("shop", lambda _: "text")
    before = (tmp_path / "docs/runbooks/shop.md").stat()
    documents.write_runbook("shop", lambda text: text)
    assert (tmp_path / "docs/runbooks/shop.md").stat() == before


def test_a_runbook_keeps_its_mode_and_its_link(documents: FolderDocuments, tmp_path: Path) -> None:
    real, link = tmp_path / "wiki.md", tmp_path / "docs/runbooks/shop.md"
    real.write_text("ours")
    real.chmod(0o640)
    link.parent.mkdir(parents=True)
    link.symlink_to(real)
    documents.write_runbook("shop", lambda text: f"{text} and theirs")
    assert link.is_symlink()
    assert real.read_text() == "ours and theirs"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_runbook_that_is_no_text_is_left_alone(documents: FolderDocuments, tmp_path: Path) -> None:
    path = tmp_path / "docs/runbooks/shop.md"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"caf\xe9")
    with pytest.raises(HeadgateError, match="not UTF-8") as caught:
        documents.write_runbook("shop", lambda text: text)
    assert caught.value.where == str(path)
    assert path.read_bytes() == b"caf\xe9"


def test_a_folder_that_cannot_be_made_is_told(documents: FolderDocuments, tmp_path: Path) -> None:
    (tmp_path / "docs").write_text("a file")
    with pytest.raises(HeadgateError, match="runbook cannot be read"):
        documents.write_runbook("shop", lambda text: text)
    (tmp_path / ".headgate").write_text("a file")
    with pytest.raises(HeadgateError, match="cannot be written"):
        documents.write_report("c1", {"md": ""})


def test_what_is_no_text_does_not_keep_a_report_from_being_written(
    documents: FolderDocuments, tmp_path: Path
) -> None:
    (path,) = documents.write_report("c1", {"md": "bad \udcff"})
    assert (tmp_path / path).read_bytes() == b"bad ?"
    runbook = documents.write_runbook("shop", lambda _: "bad \ud800")
    assert (tmp_path / runbook).read_bytes() == b"bad ?"
