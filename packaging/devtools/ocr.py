"""``dev.py build ocr``: the pack that reads the text of pictures, as one file to carry along.

A zip of the wheels that the program knows by their hashes, for this system and this Python;
``hanlin ocr install`` and the window take it. The program itself never has it inside.
"""

import platform
import shutil
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Final

from devtools.console import follow, tell
from devtools.environment import MAIN, uv
from devtools.freezing import version
from devtools.places import BUILD, DIST, ROOT

LOCK: Final = ROOT / "resources/hanlin_resources/packs/ocr.lock"
_EXACTLY: Final = ("--no-deps", "--only-binary=:all:", "--require-hashes")


def requirements() -> Path:
    """Return a file with what the pack is made of, as ``pyproject.toml`` says it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    path = BUILD / "ocr.in"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(project["optional-dependencies"]["ocr"]), encoding="utf-8")
    return path


def build() -> int:
    """Download the wheels and pack them; return 0. Raises Failure."""
    folder = BUILD / "ocr"
    shutil.rmtree(folder, ignore_errors=True)
    python = [
        str(uv()),
        "run",
        "--no-project",
        "--python",
        str(MAIN.python),
        "--with",
        "pip",
        "python",
    ]
    command: list[str | Path] = [
        *python,
        "-m",
        "pip",
        "download",
        *_EXACTLY,
        "-r",
        str(LOCK),
        "-d",
        str(folder),
    ]
    follow(command, "Downloading the wheels", BUILD / "ocr.log")
    DIST.mkdir(exist_ok=True)
    python_version = f"py{sys.version_info.major}.{sys.version_info.minor}"
    system = f"{sys.platform}-{platform.machine().lower()}-{python_version}"
    target = DIST / f"hanlin-ocr-{version()}-{system}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # wheels are packed
        for wheel in sorted(folder.glob("*.whl")):
            archive.writestr(zipfile.ZipInfo(wheel.name), wheel.read_bytes())
    tell(f"{target}: {target.stat().st_size / 1e6:.0f} MB")
    return 0
