"""A snippet's folder from outside, however spitefully it was filled."""

import os
from pathlib import Path

import pytest

from hanlin.snippets import scratch
from hanlin.snippets.places import LARGEST_FOLDER

DEEP = 3_000
"""More than Python's own ways go down, and longer than a path may be."""


def fill_deeply(folder: Path, depth: int) -> None:
    at = os.open(folder, os.O_RDONLY)
    for _level in range(depth):
        os.mkdir("inner", dir_fd=at)
        inner = os.open("inner", os.O_RDONLY, dir_fd=at)
        os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=inner))
        os.close(at)
        at = inner
    os.close(at)


@pytest.mark.skipif(os.name == "nt", reason="Windows opens no folders by descriptors")
def test_folders_without_end_are_seen_and_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    assert not scratch.is_full(folder)
    fill_deeply(folder, DEEP)
    assert scratch.is_full(folder)
    scratch.remove(folder)
    assert not folder.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_folders_that_may_not_be_looked_into_are_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    (folder / "a" / "b" / "c").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("x")
    for place in (folder / "a" / "b", folder / "a"):
        place.chmod(0o300)
    scratch.remove(folder)
    assert not folder.exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_what_a_link_leads_to_stays(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    folder = tmp_path / "scratch"
    folder.mkdir()
    (folder / "link").symlink_to(kept)
    scratch.remove(folder)
    assert (kept / "file").read_text() == "x"
    assert not folder.exists()


def test_bytes_and_entries_fill_it(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"x")
    assert not scratch.is_full(tmp_path)
    if hasattr(os.stat_result, "st_blocks"):
        (tmp_path / "large").write_bytes(bytes(LARGEST_FOLDER + 1))
        assert scratch.is_full(tmp_path)
