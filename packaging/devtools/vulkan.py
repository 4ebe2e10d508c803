"""``dev.py build vulkan``: llama.cpp's module for graphics cards, beside those for processors.

Built from the sources of the locked llama-cpp-python, which lie unpacked in uv's cache
where ``dev.py sync`` built them. Needs cmake, ninja, glslc and the headers of Vulkan 1.4.309
or newer; where the system's are older, ``--sdk`` names a folder with ``include`` and
``share/cmake`` (on Debian 12: Debian 13's libvulkan-dev and spirv-headers, unpacked with
``dpkg-deb -x``, then its ``usr``). How it is tried without a card is in tests/process.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from devtools.console import Failure, follow, tell
from devtools.environment import MAIN, uv
from devtools.places import BUILD, site_packages_of

_TOOLS = {"cmake": "cmake", "ninja": "ninja-build", "glslc": "glslc", "c++": "g++"}
_LOADER = Path("/usr/lib/x86_64-linux-gnu/libvulkan.so.1")
# Everything but the one module is switched off; it is linked with nothing of ours but ggml.
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
    source = _sources()
    follow(["cmake", "-S", source, "-B", folder, "-G", "Ninja", *words], "Preparing", log)
    follow(["ninja", "-C", folder, "ggml-vulkan"], "Compiling the Vulkan module", log)
    target = site_packages_of(MAIN.folder) / "bin" / "libggml-vulkan.so"
    shutil.copyfile(folder / "bin" / target.name, target)
    tell(f"{target}: {target.stat().st_size / 1e6:.0f} MB\nTry it: hanlin doctor --try-graphics")
    return 0


def _sources() -> Path:
    answer = subprocess.run([uv(), "cache", "dir"], capture_output=True, text=True, check=True)
    pattern = "sdists-*/*/llama-cpp-python/*/*/src/vendor/llama.cpp"
    found = sorted(Path(answer.stdout.strip()).glob(pattern))
    if not found:
        raise Failure("llama.cpp's sources are not in uv's cache: dev.py sync builds from them.", 3)
    return found[-1]
