"""``dev.py build portable``: one folder that runs without Python being installed, and its trial."""

import os
import shutil
import subprocess

from devtools import stages
from devtools.console import follow, tell
from devtools.environment import MAIN
from devtools.places import BUILD, DIST, ROOT


def build() -> int:
    """Freeze the program into dist/hanlin and try it there; return the trial's exit code."""
    target = DIST / "hanlin"
    shutil.rmtree(target, ignore_errors=True)
    head = subprocess.run(
        ["git", "log", "-1", "--format=%ct"],  # noqa: S607 - whichever git the person has
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    # Two builds of one commit are the same bytes: no hash seed, no clock of the day.
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "1",
        "SOURCE_DATE_EPOCH": head.stdout.strip() or "0",
    }
    folders = ["--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller")]
    spec = ROOT / "packaging/pyinstaller/hanlin.spec"
    follow(
        [MAIN.python, "-m", "PyInstaller", "--noconfirm", "--clean", *folders, spec],
        "Freezing the program",
        BUILD / "pyinstaller.log",
        environment=environment,
    )
    size = sum(file.stat().st_size for file in target.rglob("*") if not file.is_symlink())
    tell(f"{target}: {size / 1e6:.0f} MB")
    return stages.run(["tests/packaging"], {"HANLIN_PORTABLE": str(target)})
