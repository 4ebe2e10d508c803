"""``dev.py test``: the tests in stages, each in the environment that makes it believable.

Rules and unit tests run where no Qt and no llama.cpp is installed, the window's
parts on Qt's offscreen platform, the whole program on a virtual display with a
session bus of its own. Each stage is one pytest; its words are shown as they come.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from devtools.console import Failure, tell
from devtools.environment import CORE, MAIN, Environment
from devtools.places import ROOT

_NO_TESTS_COLLECTED: Final = 5
"""pytest's exit code for it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Folders of tests that share an environment."""

    name: str
    folders: tuple[str, ...]
    environment: Environment = MAIN
    variables: Mapping[str, str] = field(default_factory=dict)
    display: bool = False

    def owns(self, path: str) -> bool:
        """Tell whether the test file or folder ``path`` is run by this stage."""
        return any(path == folder or path.startswith(f"{folder}/") for folder in self.folders)

    def has_tests(self) -> bool:
        """Tell whether there is anything to run yet."""
        return any(any((ROOT / folder).rglob("test_*.py")) for folder in self.folders)


_OFFSCREEN: Final = {"QT_QPA_PLATFORM": "offscreen"}
STAGES: Final = (
    Stage("rules", ("tests/architecture",), variables=_OFFSCREEN),
    Stage("core, without Qt and llama.cpp", ("tests/app", "tests/models"), CORE),
    Stage("window parts, offscreen", ("tests/ui",), variables=_OFFSCREEN),
    Stage("processes", ("tests/process",), variables=_OFFSCREEN),
    Stage("the whole program on a virtual display", ("tests/e2e",), display=True),
    Stage("packaging", ("tests/packaging",), display=True),
)


def run(words: Sequence[str], variables: Mapping[str, str] | None = None) -> int:
    """Run every stage, or those that own the test paths among ``words``; return the exit code.

    The other words go to each stage's pytest, ``variables`` into its environment. Raises
    Failure for a path no stage owns.
    """
    paths = [_relative(word) for word in words if _is_test_path(word)]
    options = [word for word in words if not _is_test_path(word)]
    if lost := [path for path in paths if not any(stage.owns(_file(path)) for stage in STAGES)]:
        raise Failure(f"No stage runs {' '.join(lost)}.", 2)
    total: Counter[str] = Counter()
    for stage in STAGES:
        chosen = [path for path in paths if stage.owns(_file(path))]
        if (paths and not chosen) or not stage.has_tests():
            continue
        tell(f"\n== {stage.name} ==")
        total += _run_stage(stage, chosen, options, variables or {})
    tell(f"\n{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 0 if total["passed"] and not total["failed"] else 1


def _run_stage(
    stage: Stage, paths: Sequence[str], options: Sequence[str], variables: Mapping[str, str]
) -> Counter[str]:
    if stage.environment is not MAIN:
        stage.environment.provide(["runtime", "test"])
    folders = [folder for folder in stage.folders if (ROOT / folder).is_dir()]
    with tempfile.TemporaryDirectory(prefix="hanlin-tests-") as scratch:
        report = Path(scratch, "report.xml")
        command = [str(stage.environment.python), "-P", "-m", "pytest", f"--junitxml={report}"]
        command += [*options, *(paths or folders)]
        if stage.display:
            command = [*_virtual_display(), *command]
        environment = {**os.environ, **stage.variables, **variables}
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        counts = _count(report)
    if code not in (0, _NO_TESTS_COLLECTED) and not counts["failed"]:
        tell(f"pytest itself ended with code {code}: counted as a failure.")
        counts["failed"] += 1
    return counts


def _count(report: Path) -> Counter[str]:
    """Return how the tests in pytest's ``report`` ended; nothing when it died before writing it."""
    if not report.exists():
        return Counter()
    counts: Counter[str] = Counter()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        counts["failed"] += failed
        counts["skipped"] += skipped
        counts["passed"] += int(suite.get("tests", 0)) - failed - skipped
    return counts


def _virtual_display() -> list[str]:
    if sys.platform != "linux":
        return []
    bus = shutil.which("dbus-run-session")
    display = shutil.which("xvfb-run")
    if bus is None or display is None:
        raise Failure("The tests of the whole program need dbus-run-session and xvfb-run.", 3)
    # Without -noreset the server begins anew when its last window closes, and a program
    # that starts in that moment finds no display.
    return [bus, "--", display, "-a", "-s", "-screen 0 1280x800x24 -noreset"]


def _is_test_path(word: str) -> bool:
    return not word.startswith("-") and (Path.cwd() / _file(word)).exists()


def _file(path: str) -> str:
    return path.split("::", 1)[0]


def _relative(word: str) -> str:
    file, *rest = word.split("::")
    path = (Path.cwd() / file).resolve()
    inside = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return "::".join([inside.as_posix(), *rest])
