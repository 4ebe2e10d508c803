"""``dev.py build vulkan``: llama.cpp's module for graphics cards, beside those for processors.

Built from the sources of the locked llama-cpp-python, which lie unpacked in uv's cache
where ``dev.py sync`` built them; then packed twice, as a folder to lay over the portable
program and as a .deb beside hanlin's, because most computers need none of it.

Needs cmake, ninja, glslc and the headers of Vulkan 1.4.309 or newer; where the system's are
older, ``--sdk`` names a folder with ``include`` and ``share/cmake`` (on Debian 12: Debian 13's
libvulkan-dev and spirv-headers, unpacked with ``dpkg-deb -x``, then its ``usr``). How it is
tried without a card is in tests/process.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

from devtools import debian
from devtools.console import Failure, follow, tell
from devtools.environment import ENGINE, MAIN, locked, uv
from devtools.freezing import time_of_commit, version
from devtools.places import BUILD, DIST, site_packages_of

_TOOLS = {"cmake": "cmake", "ninja": "ninja-build", "glslc": "glslc", "c++": "g++"}
_LOADER = Path("/usr/lib/x86_64-linux-gnu/libvulkan.so.1")
# Everything but the one module is switched off; it is linked with nothing of ours but ggml.
PLACE: Final = "hanlin/_internal/llama_cpp/lib"
"""Where the frozen program looks for the module."""
_CONTROL: Final = """\
Package: hanlin-vulkan
Version: {version}
Architecture: {architecture}
Maintainer: The Hanlin authors <hanlin@localhost>
Installed-Size: {kilobytes}
Depends: hanlin (= {version}), {depends}
Section: utils
Priority: optional
Description: module with which Hanlin computes on graphics cards
 llama.cpp's module for Vulkan. Hanlin tries it in a process of its own before
 it uses it, and goes on with the processor where the driver fails.
"""
_OFF = ("COMMON", "TESTS", "TOOLS", "EXAMPLES", "SERVER", "MTMD")


def build(sdk: Path | None) -> int:
    """Build the module and put it where the program finds it; return 0. Raises Failure."""
    if sys.platform != "linux":
        raise Failure("The Vulkan module is built on Linux only so far.", 3)
    missing = [package for tool, package in _TOOLS.items() if shutil.which(tool) is None]
    if missing:
        raise Failure(f"Missing on this computer: {' '.join(missing)}", 3)
    folder = BUILD / "vulkan"
    words = ["-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=ON", "-DLLAMA_OPENSSL=OFF"]
    words += [f"-DLLAMA_BUILD_{name}=OFF" for name in _OFF]
    words += ["-DGGML_BACKEND_DL=ON", "-DGGML_NATIVE=OFF", "-DGGML_CPU=OFF", "-DGGML_VULKAN=ON"]
    if sdk is not None:
        words += [f"-DVulkan_INCLUDE_DIR={sdk / 'include'}", f"-DCMAKE_PREFIX_PATH={sdk}"]
        if _LOADER.exists():
            words.append(f"-DVulkan_LIBRARY={_LOADER}")
    log = BUILD / "vulkan.log"
    follow(["cmake", "-S", sources(), "-B", folder, "-G", "Ninja", *words], "Preparing", log)
    follow(["ninja", "-C", folder, "ggml-vulkan"], "Compiling the Vulkan module", log)
    target = site_packages_of(MAIN.folder) / "bin" / "libggml-vulkan.so"
    shutil.copyfile(folder / "bin" / target.name, target)
    tell(f"{target}: {target.stat().st_size / 1e6:.0f} MB\nTry it: hanlin doctor --try-graphics")
    for made in (pack_folder(target), pack_deb(target)):
        tell(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
    return 0


def pack_folder(module: Path) -> Path:
    """Return an archive of ``module`` to unpack where the portable program's folder lies."""
    DIST.mkdir(exist_ok=True)
    target = DIST / f"hanlin-vulkan-{version()}-linux-{os.uname().machine}.tar.xz"
    with tarfile.open(target, "w:xz", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo(f"{PLACE}/{module.name}")
        entry.size, entry.mtime, entry.mode = module.stat().st_size, time_of_commit(), 0o644
        with module.open("rb") as content:
            archive.addfile(entry, content)
    return target


def pack_deb(module: Path) -> Path:
    """Return a package with ``module`` that goes into the folder of hanlin's. Raises Failure."""
    root = BUILD / "deb-vulkan"
    shutil.rmtree(root, ignore_errors=True)
    debian.place(module, root / "opt" / PLACE / module.name)
    needs = debian.dependencies(root, beside=("libggml-base.so.0",))
    return debian.pack(root, "hanlin-vulkan", _CONTROL, needs)


def sources() -> Path:
    """Return llama.cpp's sources as the locked version was built from them. Raises Failure."""
    answer = subprocess.run([uv(), "cache", "dir"], capture_output=True, text=True, check=True)
    pattern = f"sdists-*/*/{ENGINE}/{locked(ENGINE)}/*/src/vendor/llama.cpp"
    # Where there are several they are the same: the lock names the archive's hash.
    found = next(Path(answer.stdout.strip()).glob(pattern), None)
    if found is None:
        raise Failure("llama.cpp's sources are not in uv's cache: dev.py sync builds from them.", 3)
    return found
