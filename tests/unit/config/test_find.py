"""Finding headgate.toml from any folder of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headgate.config import find

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_found_beside_and_above(tmp_path: Path) -> None:
    file = tmp_path / "headgate.toml"
    file.touch()
    (tmp_path / "src" / "deep").mkdir(parents=True)

    assert find(tmp_path) == file
    assert find(tmp_path / "src" / "deep") == file


def test_the_search_ends_at_the_root_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "headgate.toml").touch()
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "src").mkdir()

    assert find(repository / "src") is None


def test_the_root_of_the_repository_itself_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    (tmp_path / "headgate.toml").touch()
    (tmp_path / "src").mkdir()

    assert find(tmp_path / "src") == tmp_path / "headgate.toml"


def test_a_folder_of_that_name_is_not_taken_for_the_file_above(tmp_path: Path) -> None:
    (tmp_path / "headgate.toml").touch()
    (tmp_path / "src" / "headgate.toml").mkdir(parents=True)

    assert find(tmp_path / "src") == tmp_path / "headgate.toml"


def test_a_folder_of_that_name_is_told_where_there_is_no_file(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "headgate.toml").mkdir()

    assert find(tmp_path) == tmp_path / "headgate.toml"
