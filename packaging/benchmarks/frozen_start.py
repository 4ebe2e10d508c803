"""The frozen window's cold start against the source tree's.

`python packaging/benchmarks/frozen_start.py [--rounds N]`. Each round drops the disk cache
(as root; otherwise both are warm, and that is said) and starts each once on the display,
until its window is there; what is printed is the median of the rounds' ratios. Needs
dist/hanlin, xdotool and a display. The tests do not run this.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_DROP = Path("/proc/sys/vm/drop_caches")
_DEADLINE = 120.0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    tool = shutil.which("xdotool")
    if tool is None or not os.environ.get("DISPLAY"):
        sys.exit("xdotool and a display are needed.")
    commands = {
        "tree": [sys.executable, "-P", "-m", "hanlin"],
        "frozen": [str(ROOT / "dist/hanlin/hanlin")],
    }
    for command in commands.values():
        _start(command, tool, cold=False)  # compiles the modules of the tree once
    cold = os.access(_DROP, os.W_OK)
    times = [
        {name: _start(command, tool, cold=cold) for name, command in commands.items()}
        for _round in range(rounds)
    ]
    result = {
        "cold": cold,
        "tree_ms": round(1000 * statistics.median(each["tree"] for each in times)),
        "frozen_ms": round(1000 * statistics.median(each["frozen"] for each in times)),
        "ratio": round(statistics.median(each["frozen"] / each["tree"] for each in times), 2),
        "rounds": rounds,
    }
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def _start(command: list[str], tool: str, *, cold: bool) -> float:
    """Return the seconds until the window of ``command`` is there."""
    if cold:
        os.sync()
        _DROP.write_text("3", encoding="ascii")
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        with subprocess.Popen([*command, "--data-dir", folder]) as process:
            search = [tool, "search", "--sync", "--onlyvisible", "--pid", str(process.pid)]
            subprocess.run(search, stdout=subprocess.DEVNULL, timeout=_DEADLINE, check=True)
            took = time.monotonic() - started
            process.terminate()
    return took


if __name__ == "__main__":
    sys.exit(main())
