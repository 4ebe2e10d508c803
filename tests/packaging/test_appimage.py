"""The AppImage's payload, unpacked and started: ``dev.py build appimage`` runs these.

The runtime before it is fetched by the release workflow, which starts the whole image.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from devtools import appimage
from devtools.console import Failure


@pytest.fixture(scope="module")
def unpacked(made: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = made("appimage")
    folder = tmp_path_factory.mktemp("翰 林")
    if image.suffix == ".AppImage":
        subprocess.run([str(image), "--appimage-extract"], cwd=folder, check=True)
        return folder / "squashfs-root"
    unpacker = shutil.which("unsquashfs")
    if unpacker is None:
        pytest.skip("unsquashfs (package squashfs-tools) is not installed")
    target = folder / "squashfs-root"
    subprocess.run([unpacker, "-no-progress", "-dest", str(target), str(image)], check=True)
    return target


@pytest.mark.timeout(300)
def test_it_finds_itself_complete(unpacked: Path) -> None:
    command = [str(unpacked / "AppRun"), "--self-test"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_holds_what_a_desktop_looks_for(unpacked: Path) -> None:
    for name in ("hanlin.desktop", "hanlin.png", ".DirIcon", "usr/share/metainfo"):
        assert (unpacked / name).exists(), name
    assert os.access(unpacked / "AppRun", os.X_OK)


def test_a_foreign_runtime_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appimage, "DIST", tmp_path)
    (tmp_path / "runtime").write_bytes(b"not the pinned one")
    (tmp_path / "payload").write_bytes(b"payload")
    with pytest.raises(Failure, match="not the runtime"):
        appimage.join(tmp_path / "runtime", tmp_path / "payload", "x86_64")
    assert list(tmp_path.glob("*.AppImage")) == []
