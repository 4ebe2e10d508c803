"""The frozen engine on processors without AVX: `python packaging/benchmarks/old_processor.py`.

Starts the frozen program with its engine under qemu-user, which plays an old processor, has
the starter answer, and prints what was chosen and said. An instruction such a processor lacks
ends the engine there as it would on a real one. Takes minutes; the tests do not run this.
Needs qemu-x86_64 (package qemu-user) and dist/hanlin; the template child runs without qemu.

qemu runs a thread of its own beside the engine's: the sandbox is entered, and called incomplete
(hanlin.processes.linux_sandbox).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "dist/hanlin"
# PyInstaller's starter begins itself anew once its libraries are found, and that second start
# would run on the true processor: the variables say that it has happened already.
_STARTER = """\
#!/bin/sh
if [ "$1" != engine ]; then
    exec {child} "$@"
fi
export LD_LIBRARY_PATH={folder}/_internal _PYI_APPLICATION_HOME_DIR={folder}/_internal
export _PYI_ARCHIVE_FILE={child} _PYI_PARENT_PROCESS_LEVEL=-1
exec {qemu} -cpu {processor} {child} "$@"
"""


def main() -> int:
    """Ask on each processor; return 1 when one of them got no answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processors", nargs="+", default=["qemu64", "Nehalem"])
    parser.add_argument("--question", default="你好")
    parser.add_argument("--program", type=Path, default=PROGRAM)
    arguments = parser.parse_args()
    qemu = shutil.which("qemu-x86_64")
    if qemu is None:
        sys.exit("qemu-x86_64 is missing: it lies in Debian's package qemu-user.")
    failed = 0
    for processor in arguments.processors:
        with tempfile.TemporaryDirectory(prefix="hanlin-qemu-") as folder:
            facts = _ask(arguments.program, Path(folder), qemu, processor, arguments.question)
        failed += not facts.get("answer")
        sys.stdout.write(json.dumps({"processor": processor, **facts}, ensure_ascii=False) + "\n")
    return 1 if failed else 0


def _ask(
    program: Path, folder: Path, qemu: str, processor: str, question: str
) -> dict[str, object]:
    copy = folder / "hanlin"
    shutil.copytree(program, copy)
    child = copy / "hanlin-child"
    real = child.rename(copy / "hanlin-child-itself")
    words = {"qemu": qemu, "processor": processor, "child": real, "folder": copy}
    child.write_text(_STARTER.format(**words), encoding="utf-8")
    child.chmod(0o755)
    command = [str(copy / "hanlin"), "--language", "en", "--data-dir", str(folder / "data")]
    doctor = _run([*command, "doctor", "--json"])
    found = {str(line["name"]): str(line["value"]) for line in map(json.loads, doctor)}
    asked = _run([*command, "ask", "--json", "--max-tokens", "24", question])
    said = "".join(
        str(event.get("text", "")) for event in map(json.loads, asked) if "text" in event
    )
    return {"cpu_module": found.get("CPU module", ""), "answer": said}


def _run(command: list[str]) -> list[str]:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, encoding="utf-8", env=os.environ, check=False
    )
    return done.stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
