"""``dev.py build appimage``: the program in one file that any recent Linux runs.

An AppImage is a small program, the runtime, with a squashfs behind it. The squashfs is
made here. The runtime is not ours and lies in no package: the release workflow fetches
the one that RUNTIMES pins, and hands it over with ``--runtime FILE``; without it the
payload alone is made, which is what our tests try.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

from devtools import debian
from devtools.console import Failure, follow, tell
from devtools.freezing import repeatable, time_of_commit, version
from devtools.places import BUILD, DIST

RUNTIME_RELEASE: Final = "20251108"
"""Of AppImage/type2-runtime: static, needs no libfuse2."""
RUNTIMES: Final = {
    "x86_64": "2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d",
    "aarch64": "00cbdfcf917cc6c0ff6d3347d59e0ca1f7f45a6df1a428a0d6d8a78664d87444",
}
"""SHA-256 by machine, as several public projects pin that release's files."""
_START: Final = """\
#!/bin/sh
# The folder this file lies in, wherever the image is mounted or unpacked.
here=$(dirname "$(readlink -f "$0")")
exec "$here/opt/hanlin/hanlin" "$@"
"""


def build(program: Path, runtime: Path | None = None) -> Path:
    """Pack the frozen ``program``; return the AppImage, or its payload. Raises Failure."""
    if shutil.which("mksquashfs") is None:
        raise Failure("Missing on this computer: mksquashfs (package squashfs-tools).", 3)
    machine = os.uname().machine
    folder = _folder(program)
    payload = DIST / f"hanlin-{version()}-{machine}.squashfs"
    payload.unlink(missing_ok=True)
    words: list[str | Path] = [
        "mksquashfs",
        folder,
        payload,
        "-root-owned",
        "-noappend",
        "-no-progress",
    ]
    words += ["-comp", "zstd", "-Xcompression-level", "15", "-b", "128K"]
    environment = dict(repeatable())
    follow(words, "Packing the AppImage", BUILD / "appimage.log", environment=environment)
    if runtime is None:
        tell(f"{payload}: {payload.stat().st_size / 1e6:.1f} MB, the payload without its runtime")
        return payload
    return join(runtime, payload, machine)


def _folder(program: Path) -> Path:
    root = BUILD / "AppDir"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(program, root / "opt/hanlin", symlinks=True)
    debian.share(root / "usr/share")
    debian.place(debian.LINUX / "hanlin.desktop", root / "hanlin.desktop")
    for name in ("hanlin.png", ".DirIcon"):
        debian.place(debian.ICONS / "hanlin-256.png", root / name)
    (root / "AppRun").write_text(_START, encoding="utf-8")
    debian.make_uniform(root)
    return root


def join(runtime: Path, payload: Path, machine: str) -> Path:
    """Put the pinned ``runtime`` before the payload; return the AppImage. Raises Failure."""
    head = runtime.read_bytes()
    if hashlib.sha256(head).hexdigest() != RUNTIMES[machine]:
        raise Failure(f"{runtime} is not the runtime {RUNTIME_RELEASE} for {machine}.")
    target = DIST / f"hanlin-{version()}-{machine}.AppImage"
    with target.open("wb") as image, payload.open("rb") as body:
        image.write(head)
        shutil.copyfileobj(body, image)
    target.chmod(0o755)
    moment = time_of_commit()
    os.utime(target, (moment, moment))
    tell(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return target
