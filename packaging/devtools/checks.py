"""``dev.py check``: format, lint, types and import rules, one line each."""

import subprocess
import time
from pathlib import Path

from devtools.console import clock, tell
from devtools.environment import MAIN
from devtools.places import ROOT


def run() -> int:
    """Run every check, also after one failed; return 1 when any did."""
    tools = MAIN.python.parent
    commands: dict[str, list[Path | str]] = {
        "format": [tools / "ruff", "format", "--check"],
        "lint": [tools / "ruff", "check"],
        "types": [tools / "mypy"],
        "imports": [tools / "lint-imports"],
    }
    failed = [name for name, command in commands.items() if not _passes(name, command)]
    tell(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(name: str, command: list[Path | str]) -> bool:
    started = time.monotonic()
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    took = clock(time.monotonic() - started)
    if done.returncode:
        tell(f"{name:<8} FAILED ({took})\n{done.stdout}{done.stderr}")
        return False
    tell(f"{name:<8} ok ({took})")
    return True
