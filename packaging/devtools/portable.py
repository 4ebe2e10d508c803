"""``dev.py build portable``: the program in one folder that keeps its data beside itself.

For USB sticks: no link inside, because their file systems know none, and no name that
differs in case alone. On Linux a .tar.xz, on Windows a .zip; macOS runs a program from
a stick out of a hidden copy, so there is none for it.
"""

import platform
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from devtools.console import Failure, follow, tell
from devtools.freezing import is_native_code, time_of_commit, version
from devtools.places import BUILD, DIST

MARKER: Final = "portable"
"""A file of this name beside the program has its data kept there (hanlin.kernel.paths)."""
_MARKER_TEXT: Final = """\
While this file lies here, Hanlin keeps conversations, settings and models in the folder
hanlin-data beside it, and nothing on the computer it runs on. Who has the stick can read
them: set a passphrase, or keep the stick.

有此文件时，翰林把对话、设置和模型保存在旁边的 hanlin-data 文件夹中，不在所用的电脑上留下任何内容。
拿到 U 盘的人就能读到它们，请妥善保管。
"""


def build(program: Path) -> Path:
    """Pack the frozen ``program``; return the archive. Raises Failure."""
    if sys.platform == "darwin":
        raise Failure("macOS knows no portable programs; build macos instead.", 2)
    name = f"hanlin-{version()}-{platform.system().lower()}-{platform.machine().lower()}-portable"
    target = DIST / (f"{name}.zip" if sys.platform == "win32" else f"{name}.tar.xz")
    if sys.platform == "win32":
        _zip(program, target)
    else:
        _tar(program, target)
    tell(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return target


def _files(program: Path) -> Iterator[tuple[Path, str]]:
    for file in sorted(program.rglob("*")):
        if file.is_symlink():
            raise Failure(f"A link does not survive a USB stick: {file}")
        if file.is_file():
            yield file, f"hanlin/{file.relative_to(program).as_posix()}"


def _marker() -> Path:
    marker = BUILD / MARKER
    marker.parent.mkdir(exist_ok=True)
    marker.write_text(_MARKER_TEXT, encoding="utf-8")
    return marker


def _tar(program: Path, target: Path) -> None:
    plain = BUILD / "portable.tar"
    plain.parent.mkdir(exist_ok=True)
    with tarfile.open(plain, "w", format=tarfile.PAX_FORMAT) as archive:
        for file, name in (*_files(program), (_marker(), f"hanlin/{MARKER}")):
            entry = archive.gettarinfo(str(file), name)
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mtime = time_of_commit()
            runs = file.parent == program and is_native_code(file)
            entry.mode = 0o755 if runs else 0o644
            with file.open("rb") as content:
                archive.addfile(entry, content)
    # Two threads on every machine: how many there are decides on the bytes.
    follow(["xz", "-3", "-T2", "--force", plain], "Packing the folder", BUILD / "portable.log")
    shutil.move(plain.with_suffix(".tar.xz"), target)


def _zip(program: Path, target: Path) -> None:
    moment = datetime.fromtimestamp(max(time_of_commit(), 315_532_800), UTC).timetuple()[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, name in (*_files(program), (_marker(), f"hanlin/{MARKER}")):
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())
