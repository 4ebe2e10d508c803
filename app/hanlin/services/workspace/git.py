"""What is staged in a git repository, asked of the person's own git.

Read-only, and nothing that a repository's settings name is run: no hook, no outer diff, no
watcher, no fetching of missing objects.
"""

import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Final

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _

MOST: Final = 200_000
"""Bytes of a difference that a model is shown."""
_SECONDS: Final = 20.0
_SAFE: Final = (
    *("--no-pager", "--no-optional-locks"),
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never", "-c", "diff.external="),
)
_DIFF: Final = (
    *("diff", "--cached", "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short"),
)


def staged_diff(root: Path) -> str:
    """Return the difference that is staged in the repository at ``root``. Raises KnownError."""
    title = _("There is no difference to read")
    program = shutil.which("git")
    if program is None:
        raise KnownError(
            title,
            _("git is not installed on this computer."),
            _("Install git, or paste the difference."),
        )
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ},
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    command = [program, *_SAFE, "-C", str(root), *_DIFF]
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        late = threading.Timer(_SECONDS, process.kill)
        late.start()
        data = process.stdout.read(MOST + 1) if process.stdout else b""
        if len(data) > MOST:
            process.kill()
        code = process.wait()
        late.cancel()
    if len(data) > MOST:
        data = data[: data.rfind(b"\n", 0, MOST) + 1]
    elif code != 0:
        raise KnownError(
            title,
            _("git could not say what is staged in {path}.").format(path=root.name),
            _("Try “git diff --cached” in a terminal; it says more."),
        )
    if not data.strip():
        raise KnownError(
            title,
            _("Nothing is staged in {path}.").format(path=root.name),
            _("Stage the changes with “git add” first."),
        )
    return data.decode("utf-8", "replace")
