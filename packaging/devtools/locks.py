"""The lock files: every dependency pinned with hashes, one file per dependency group.

``uv.lock`` is an intermediate product and not committed: it writes one index's
addresses into every line, and our users sit behind mirrors.
"""

from typing import Final

from devtools import ocr, system
from devtools.console import follow
from devtools.environment import LOCKS, TOOLS_LOCK, uv
from devtools.places import BUILD, ROOT

_SELECTIONS: Final = (
    (LOCKS["runtime"], ("--no-default-groups",)),
    (LOCKS["test"], ("--only-group", "test")),
    (LOCKS["build"], ("--only-group", "build")),
    (TOOLS_LOCK, ("--only-group", "tools")),
)


def write() -> None:
    """Resolve all groups together with today's versions and write the lock files."""
    system.provide(system.Purpose.SETUP)
    log = BUILD / "lock.log"
    follow([uv(), "lock", "--upgrade"], "Resolving versions", log)
    for file, selection in _SELECTIONS:
        name = file.relative_to(ROOT).as_posix()
        follow(
            [uv(), "export", "--frozen", "--no-emit-project", *selection, "-o", name],
            f"Writing {name}",
            log,
        )
    # A list for pip, which the program gives out: for any system and any Python.
    words = ["pip", "compile", "--universal", "--generate-hashes", "--upgrade", "--no-header"]
    words += ["--no-annotate", "--python-version", "3.11", str(ocr.requirements())]
    follow([uv(), *words, "-o", ocr.LOCK], f"Writing {ocr.LOCK.name}", log)
