"""Where the frozen program keeps its data, wherever it was unpacked or mounted."""

import sys
from pathlib import Path

import pytest

from hanlin.preparing import find_paths


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be the frozen program; return its folder."""
    folder = tmp_path / "mounted" / "opt" / "hanlin"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / "hanlin"))
    for name in ("APPIMAGE", "APPDIR", "HANLIN_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return folder


def test_a_marker_beside_the_program_keeps_its_data_there(frozen: Path) -> None:
    assert not find_paths(None).carried
    (frozen / "portable").touch()
    assert find_paths(None).data.is_relative_to(frozen / "hanlin-data")
    assert find_paths(None).carried


def test_a_marker_beside_an_appimage_keeps_its_data_there(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "portable").touch()
    monkeypatch.setenv("APPIMAGE", str(stick / "Hanlin.AppImage"))
    monkeypatch.setenv("APPDIR", str(tmp_path / "mounted"))
    assert find_paths(None).data.is_relative_to(stick / "hanlin-data")


def test_another_programs_appimage_means_nothing(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "portable").touch()
    monkeypatch.setenv("APPIMAGE", str(tmp_path / "Terminal.AppImage"))
    monkeypatch.setenv("APPDIR", str(tmp_path / "elsewhere"))
    assert not find_paths(None).carried


def test_a_named_folder_comes_before_the_marker(frozen: Path, tmp_path: Path) -> None:
    (frozen / "portable").touch()
    assert find_paths(tmp_path / "named").data.is_relative_to(tmp_path / "named")
