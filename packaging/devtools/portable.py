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
    # Two builds of one commit are the same bytes: no hash seed, no clock of the day.
    environment = {**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": _time_of_commit()}
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


def _time_of_commit() -> str:
    """Return when the checkout's commit was made, "0" where nobody can tell."""
    git = shutil.which("git")
    if git is None:
        return "0"
    command = [git, "log", "-1", "--format=%ct"]
    head = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return head.stdout.strip() or "0"
