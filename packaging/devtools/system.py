"""What the computer itself must have: a compiler, Qt's system libraries, a Chinese font.

On Debian and Ubuntu root gets the packages installed; everybody else gets the
exact apt line and exit code 3. Qt's own message is not trusted: whatever xcb
library is missing, it names libxcb-cursor0. Python packages do not belong here.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from functools import cache
from pathlib import Path
from typing import Final

from devtools.console import Failure, tell

EXIT_MISSING: Final = 3


class Purpose(Flag):
    """What the computer is about to be used for."""

    SETUP = auto()
    """Make a Python environment."""
    COMPILE = auto()
    """Build llama.cpp."""
    WINDOW = auto()
    """Show Qt windows with Chinese text."""
    TEST = auto()
    """Drive windows on a virtual display, with an input method and accessibility."""
    FREEZE = auto()
    """Make a program that runs without Python being installed."""
    PACK = auto()
    """Pack it for Linux, and try the packages on bare systems."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something the computer must have, and the Debian package that brings it."""

    what: str
    package: str
    purpose: Purpose
    is_met: Callable[[], bool]


@cache
def _known_to_the_loader() -> str:
    """Return the dynamic loader's list of libraries ("" where there is none)."""
    ldconfig = shutil.which("ldconfig", path="/sbin:/usr/sbin:/bin:/usr/bin")
    if ldconfig is None:
        return ""
    listing = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False)
    return listing.stdout


def _library(soname: str, package: str) -> Need:
    return Need(soname, package, Purpose.WINDOW, lambda: f"\t{soname} " in _known_to_the_loader())


def _command(name: str, package: str, purpose: Purpose = Purpose.TEST) -> Need:
    return Need(name, package, purpose, lambda: shutil.which(name) is not None)


def _system_command(name: str) -> bool:
    """Tell whether a command is there that only root has on the search path."""
    return shutil.which(name, path=os.defpath + ":/usr/sbin:/sbin") is not None


def _file(path: str, package: str) -> Need:
    return Need(path, package, Purpose.TEST, Path(path).exists)


def _has_compiler() -> bool:
    if sys.platform == "win32":
        return shutil.which("cl") is not None or _visual_studio_has_cpp()
    names = (os.environ.get("CXX", "").split(" ")[0], "c++", "g++", "clang++")
    return any(name and shutil.which(name) for name in names)


def _visual_studio_has_cpp() -> bool:
    programs = Path(os.environ.get("ProgramFiles(x86)", r"C:\Program Files (x86)"))  # noqa: SIM112 - Windows spells it so
    finder = programs / "Microsoft Visual Studio/Installer/vswhere.exe"
    if not finder.exists():
        return False
    component = "Microsoft.VisualStudio.Component.VC.Tools.x86.x64"
    query = [str(finder), "-latest", "-products", "*", "-requires", component]
    query += ["-property", "installationPath"]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    return bool(answer.stdout.strip())


def _has_python_library() -> bool:
    name = str(sysconfig.get_config_var("INSTSONAME"))
    folder = str(sysconfig.get_config_var("LIBDIR"))
    return Path(folder, name).exists() or f"\t{name} " in _known_to_the_loader()


def _has_chinese_font() -> bool:
    if lister := shutil.which("fc-list"):
        listing = subprocess.run(
            [lister, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
        )
        return bool(listing.stdout.strip())
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
    names = ("cjk", "wqy", "sourcehan", "droidsansfallback", "uming", "ukai", "lxgw")
    files = (file for folder in folders for file in folder.rglob("*.[to]t[fc]"))
    return any(name in file.name.lower() for file in files for name in names)


_NEEDS: Final = (
    Need(
        "Python's venv module",
        f"python3.{sys.version_info.minor}-venv",
        Purpose.SETUP,
        lambda: importlib.util.find_spec("ensurepip") is not None,
    ),
    Need("a C++ compiler", "g++", Purpose.COMPILE, _has_compiler),
    Need(
        "Python as a library",
        f"libpython3.{sys.version_info.minor}",
        Purpose.FREEZE,
        _has_python_library,
    ),
    _command("objdump", "binutils", Purpose.FREEZE),
    _command("mksquashfs", "squashfs-tools", Purpose.PACK),
    _command("debootstrap", "debootstrap", Purpose.PACK),
    _command("desktop-file-validate", "desktop-file-utils", Purpose.PACK),
    _command("appstreamcli", "appstream", Purpose.PACK),
    _command("makensis", "nsis", Purpose.PACK),
    _library("libglib-2.0.so.0", "libglib2.0-0"),
    _library("libGL.so.1", "libgl1"),
    _library("libEGL.so.1", "libegl1"),
    _library("libxkbcommon.so.0", "libxkbcommon0"),
    _library("libdbus-1.so.3", "libdbus-1-3"),
    _library("libfontconfig.so.1", "libfontconfig1"),
    _library("libxcb-cursor.so.0", "libxcb-cursor0"),
    _library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    _library("libxcb-icccm.so.4", "libxcb-icccm4"),
    _library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    _library("libxcb-shape.so.0", "libxcb-shape0"),
    _library("libwayland-cursor.so.0", "libwayland-cursor0"),
    _library("libwayland-egl.so.1", "libwayland-egl1"),
    _command("fc-list", "fontconfig", Purpose.WINDOW),
    Need("a Chinese font", "fonts-noto-cjk", Purpose.WINDOW, _has_chinese_font),
    _command("Xvfb", "xvfb"),
    _command("xauth", "xauth"),
    _command("xdotool", "xdotool"),
    _command("import", "imagemagick"),
    _command("dbus-run-session", "dbus"),
    _command("strace", "strace"),
    _command("mcopy", "mtools"),
    Need("mkfs.vfat", "dosfstools", Purpose.TEST, lambda: _system_command("mkfs.vfat")),
    _file("/usr/libexec/at-spi-bus-launcher", "at-spi2-core"),
    _command("ibus-daemon", "ibus"),
    _file("/usr/share/ibus/component/libpinyin.xml", "ibus-libpinyin"),
)


def has_display() -> bool:
    """Tell whether a window could be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def provide(purpose: Purpose) -> None:
    """Make sure the computer serves ``purpose``: install what lacks, or say how to.

    Raises Failure with code 3 when a person has to do something first.
    """
    missing = [need for need in _NEEDS if need.purpose & purpose and not need.is_met()]
    if sys.platform in ("win32", "darwin"):
        # Qt, fonts and displays come with these systems; only compilers do not.
        missing = [need for need in missing if need.purpose is Purpose.COMPILE]
        if missing:
            raise Failure(_COMPILER_HINTS[sys.platform], EXIT_MISSING)
        return
    if not missing:
        return
    if is_root_on_debian():
        _install(need.package for need in missing)
        _known_to_the_loader.cache_clear()
        missing = [need for need in missing if not need.is_met()]
    if missing:
        raise Failure(_sentence([need.what for need in missing], missing), EXIT_MISSING)


def check_libraries(files: Sequence[Path]) -> None:
    """Raise Failure (code 3) naming every library that ``files`` ask for and the system lacks."""
    if sys.platform != "linux" or shutil.which("ldd") is None:
        return
    listing = subprocess.run(
        ["ldd", *map(str, files)],  # noqa: S607 - the system's own
        capture_output=True,
        text=True,
        check=False,
    )
    names = sorted(
        {line.split()[0] for line in listing.stdout.splitlines() if line.endswith("not found")}
    )
    if names:
        raise Failure(
            _sentence(names, [need for need in _NEEDS if need.what in names]), EXIT_MISSING
        )


_COMPILER_HINTS: Final = {
    "win32": (
        "Missing on this computer: a C++ compiler. Install the Visual Studio Build Tools with\n"
        '"Desktop development with C++", then run this command again.'
    ),
    "darwin": (
        "Missing on this computer: a C++ compiler. Install Apple's with\n"
        "  xcode-select --install\nthen run this command again."
    ),
}


def _sentence(what: Iterable[str], needs: Iterable[Need]) -> str:
    lines = [f"Missing on this computer: {', '.join(what)}"]
    packages = " ".join(sorted({need.package for need in needs}))
    if packages and shutil.which("apt-get"):
        lines += [
            "Install it with:",
            f"  sudo apt-get update && sudo apt-get install -y {packages}",
        ]
    elif packages:
        lines.append(
            "Install the packages that bring these with your system's package manager "
            f"(on Debian they are called: {packages})."
        )
    lines.append("Then run this command again.")
    return "\n".join(lines)


def is_root_on_debian() -> bool:
    """Tell whether missing packages may be installed without asking anybody."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install(packages: Iterable[str]) -> None:
    names = sorted(set(packages))
    tell(f"Installing system packages: {' '.join(names)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *names]):
        done = subprocess.run(
            ["apt-get", "-q", *words],  # noqa: S607 - the system's own
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        if done.returncode:
            raise Failure(
                f"apt-get {words[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}",
                EXIT_MISSING,
            )
