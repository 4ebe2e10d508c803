"""The module for graphics cards as a pack beside the program, made of a stand-in."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from devtools import debian, freezing, vulkan
from devtools.console import Failure
from devtools.environment import ENGINE, locked

STAND_IN = "libggml-vulkan.so"
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dpkg-deb") is None or shutil.which("objdump") is None,
    reason="packs for Linux are made with dpkg-deb and objdump",
)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library that needs what the true module needs of the system."""
    for place in (vulkan, debian):
        monkeypatch.setattr(place, "DIST", tmp_path / "dist")
        monkeypatch.setattr(place, "BUILD", tmp_path / "build")
    (tmp_path / "build").mkdir()
    found = tmp_path / STAND_IN
    shutil.copyfile(Path(os.path.realpath("/proc/self/exe")), found)
    return found


def test_the_folder_holds_the_module_where_the_program_looks(module: Path) -> None:
    with tarfile.open(vulkan.pack_folder(module)) as archive:
        assert archive.getnames() == [f"hanlin/_internal/llama_cpp/lib/{STAND_IN}"]
        packed = archive.extractfile(archive.getnames()[0])
        assert packed is not None
        assert packed.read() == module.read_bytes()


def test_the_package_goes_with_one_version_of_the_program(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "dependencies", lambda _root, beside: ["libvulkan1", *beside])
    deb = vulkan.pack_deb(module)
    fields = _dpkg_deb("-f", deb, "Package", "Depends")
    assert "Package: hanlin-vulkan\n" in fields
    assert f"Depends: hanlin (= {freezing.version()}), libvulkan1" in fields
    assert f"./opt/hanlin/_internal/llama_cpp/lib/{STAND_IN}" in _dpkg_deb("-c", deb)


def test_what_hanlins_own_package_holds_is_no_dependency(tmp_path: Path) -> None:
    library = tmp_path / "libs" / "libneeds.so"
    library.parent.mkdir()
    (tmp_path / "a.c").write_text("int a(void) { return 1; }\n", encoding="utf-8")
    (tmp_path / "b.c").write_text("int a(void); int b(void) { return a(); }\n", encoding="utf-8")
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    ours = tmp_path / "libours.so.0"
    shared = [compiler, "-shared", "-fPIC", "-nostdlib"]
    subprocess.run([*shared, f"-Wl,-soname,{ours.name}", "-o", ours, tmp_path / "a.c"], check=True)
    subprocess.run([*shared, "-o", library, tmp_path / "b.c", ours], check=True)
    with pytest.raises(Failure, match="libours"):
        debian.dependencies(library.parent)
    assert debian.dependencies(library.parent, beside=[ours.name]) == []


def test_the_sources_are_those_of_the_locked_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\necho '{tmp_path}'\n", encoding="utf-8")
    uv.chmod(0o700)
    monkeypatch.setattr(vulkan, "uv", lambda: uv)
    versions = tmp_path / "sdists-v9" / "pypi" / ENGINE
    inside = Path("a", "src", "vendor", "llama.cpp")
    for other in ("0.0.1", "999.0.0"):
        (versions / other / inside).mkdir(parents=True)
    with pytest.raises(Failure, match=r"dev\.py sync"):
        vulkan.sources()
    wanted = versions / locked(ENGINE) / inside
    wanted.mkdir(parents=True)
    assert vulkan.sources() == wanted


def _dpkg_deb(*words: str | Path) -> str:
    program = shutil.which("dpkg-deb") or "dpkg-deb"
    return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout
