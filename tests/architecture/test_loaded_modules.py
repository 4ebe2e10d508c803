"""What really is loaded: imports in another process, and a look into its ``sys.modules``.

This sees what static readers cannot: imports by name, and what libraries load.
"""

import json
import os
import subprocess
import sys

import pytest

from hanlin import __version__
from hanlin_rules.sources import (
    FETCHER,
    PACKAGES,
    ROOT,
    RUN_IN_CHILDREN,
    WINDOWS_ONLY,
    is_inside,
    modules,
)

_FOREIGN = (
    "llama_cpp",
    "numpy",
    "huggingface_hub",
    "hf_xet",
    "httpx",
    "python_socks",
    "requests",
    "urllib3",
)
_NETWORK = ("ssl", "_ssl", "http.client", "urllib.request")
_QT = ("PySide6", "shiboken6")
_PROGRAM = """
import importlib, json, sys
for name in json.loads(sys.stdin.read()):
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""
_VERSION = """
import json, sys
from hanlin.__main__ import main
main(["--version"])
print(json.dumps(sorted(sys.modules)))
"""


def _printed(program: str, given: str = "") -> list[str]:
    """Return the lines that a program prints which finds our packages."""
    roots = os.pathsep.join(str(ROOT / folder.split("/")[0]) for folder in PACKAGES.values())
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        input=given,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": roots},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _loaded_after_importing(names: list[str]) -> set[str]:
    return set(json.loads(_printed(_PROGRAM, json.dumps(names))[-1]))


def _names(*packages: str) -> list[str]:
    elsewhere = () if sys.platform == "win32" else WINDOWS_ONLY
    return [
        name
        for name, _file in modules(*packages)
        if not is_inside(name, *RUN_IN_CHILDREN, FETCHER, *elsewhere)
    ]


@pytest.mark.parametrize(
    ("packages", "unwanted"),
    [
        pytest.param(
            ("hanlin", "hanlin_models", "hanlin_resources"),
            (*_QT, *_FOREIGN, *_NETWORK),
            id="the application without its window",
        ),
        pytest.param(
            ("hanlin", "hanlin_models", "hanlin_resources", "hanlin_ui"),
            (*_FOREIGN, *_NETWORK),
            id="the window's process",
        ),
    ],
)
def test_importing_everything_loads_nothing_unwanted(
    packages: tuple[str, ...], unwanted: tuple[str, ...]
) -> None:
    loaded = _loaded_after_importing(_names(*packages))
    assert {name for name in loaded if is_inside(name, *unwanted)} == set()


def test_the_version_is_told_before_the_program_is_imported() -> None:
    said, loaded = _printed(_VERSION)
    assert said == f"hanlin {__version__}"
    ours = {name for name in json.loads(loaded) if is_inside(name, *PACKAGES)}
    assert ours == {"hanlin", "hanlin.__main__"}
