"""``dev.py build windows``: the installer for Windows, made with NSIS.

Per person, so that nobody needs an administrator; what it does is in
packaging/windows/hanlin.nsi. Where there is no Windows, our tests compile that script
with a stand-in for the program (:func:`compile_installer`).
"""

import platform
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Final

from devtools.console import Failure, tell
from devtools.freezing import version
from devtools.places import BUILD, DIST, ROOT

SCRIPT: Final = ROOT / "packaging/windows/hanlin.nsi"
_ICONS: Final = ROOT / "resources/hanlin_resources/icons"
_ICON_SIZES: Final = (16, 24, 32, 48, 64, 128, 256)


def build(program: Path) -> Path:
    """Pack the frozen ``program``; return the installer. Raises Failure."""
    if platform.system() != "Windows":
        raise Failure("The program for Windows is frozen on Windows.", 2)
    target = DIST / f"hanlin-{version()}-windows-setup.exe"
    compile_installer(program, target)
    tell(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return target


def compile_installer(program: Path, target: Path, *, wide: bool = False) -> None:
    """Write the installer of the folder ``program`` to ``target``. Raises Failure.

    ``wide`` makes the installer itself a 64-bit program, as a wine without 32 bits needs
    it; NSIS for Windows does not come with the parts for that.
    """
    compiler = shutil.which("makensis")
    if compiler is None:
        raise Failure("Missing on this computer: makensis (NSIS; Debian's package nsis).", 3)
    BUILD.mkdir(exist_ok=True)
    icon = BUILD / "hanlin.ico"
    icon.write_bytes(icon_file())
    size = sum(file.stat().st_size for file in program.rglob("*") if file.is_file())
    values = {"VERSION": version(), "PROGRAM": program, "TARGET": target, "ICON": icon}
    values["KILOBYTES"] = size // 1024
    dash = "/" if platform.system() == "Windows" else "-"
    words = [compiler, f"{dash}V2", f"{dash}INPUTCHARSET", "UTF8", f"{dash}WX"]
    words += [f"{dash}D{name}={value}" for name, value in values.items()]
    if wide:
        words.append(f"{dash}DTARGET64")
    done = subprocess.run([*words, str(SCRIPT)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"makensis failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


def icon_file() -> bytes:
    """Return the program's icon as Windows keeps it: a list of pictures."""
    pictures = [(size, (_ICONS / f"hanlin-{size}.png").read_bytes()) for size in _ICON_SIZES]
    head = struct.pack("<HHH", 0, 1, len(pictures))
    offset = len(head) + 16 * len(pictures)
    entries = b""
    for size, picture in pictures:
        edge = size % 256  # a byte: 0 means 256
        entries += struct.pack("<BBBBHHII", edge, edge, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return head + entries + b"".join(picture for _size, picture in pictures)
