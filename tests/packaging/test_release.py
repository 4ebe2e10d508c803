"""The release workflow, looked at without a network: ``dev.py build`` brings the tools."""

import re
import subprocess
from pathlib import Path

import pytest

from devtools import appimage, artefacts
from devtools.environment import MAIN
from devtools.places import ROOT

WORKFLOW = ROOT / ".github/workflows/release.yml"


@pytest.mark.parametrize(
    "words",
    [
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
        ("zizmor", "--offline", "--no-progress"),
    ],
)
def test_linters_find_nothing(words: tuple[str, ...]) -> None:
    tool = MAIN.python.with_name(words[0])
    if not tool.exists():
        pytest.skip(f"{words[0]} comes with what `dev.py build` installs")
    command = [str(tool), *words[1:], str(WORKFLOW)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_action_is_pinned_by_its_commit() -> None:
    used = re.findall(r"uses: (\S+)(.*)", WORKFLOW.read_text(encoding="utf-8"))
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_what_it_builds_can_be_built() -> None:
    text = WORKFLOW.read_text(encoding="utf-8")
    built = re.findall(r"words: (.+)", text)
    assert {name for words in built for name in artefacts.order(words.split()).packers} == set(
        artefacts.PACKERS
    )
    assert set(re.findall(r"runtime: (\w+)", text)) == set(appimage.RUNTIMES)


def test_the_list_of_what_is_inside_names_every_locked_package(tmp_path: Path) -> None:
    tool = MAIN.python.with_name("cyclonedx-py")
    if not tool.exists():
        pytest.skip("cyclonedx-py comes with what `dev.py build` installs")
    target = tmp_path / "sbom.json"
    words = ["requirements", "--output-reproducible", "--output-file", str(target)]
    subprocess.run([str(tool), *words, str(ROOT / "requirements.lock")], check=True)
    listed = set(re.findall(r'"name": "([^"]+)"', target.read_text(encoding="utf-8")))
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)) <= listed
