"""``hanlin translate`` with the starter, where the system has no network at all."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

SECONDS = 240


@cache
def why_not() -> str:
    """Return why a command cannot be cut off from the network here, "" when it can."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return "unshare is not installed"
    tried = subprocess.run([unshare, "-rn", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"unshare -rn is refused here: {tried.stderr.strip()}"


pytestmark = [
    pytest.mark.timeout(SECONDS + 30),
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]


def offline(tmp_path: Path, *words: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    command = ["unshare", "-rn", sys.executable, "-m", "hanlin"]
    data = ["--data-dir", str(tmp_path / "data"), "--language", "en"]
    return subprocess.run(
        [*command, *data, "translate", *words],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def test_a_text_is_translated_without_a_network(tmp_path: Path) -> None:
    done = offline(tmp_path, "--to", "en", "-", text="猫在椅子下面。\n")
    assert done.returncode == 0, done.stderr
    assert "chair" in done.stdout


def test_a_file_is_translated_without_a_network_and_the_source_stays(tmp_path: Path) -> None:
    source = tmp_path / "家.srt"
    cue = "1\n00:00:01,000 --> 00:00:02,000\n猫在椅子下面。\n\n"
    source.write_text(cue, encoding="utf-8")
    done = offline(tmp_path, str(source), "--to", "en", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "out" / "家.en.srt").read_text(encoding="utf-8")
    assert made.startswith("1\n00:00:01,000 --> 00:00:02,000\n")
    assert "chair" in made
    assert source.read_text(encoding="utf-8") == cue
