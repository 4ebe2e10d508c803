"""``hanlin ask`` says when an answer goes round in circles, and goes on until it is stopped."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hanlin_fakes import gguf_models

PATIENCE = 120


@pytest.mark.parametrize("as_json", [False, True])
def test_a_circle_is_told_once(tmp_path: Path, *, as_json: bool) -> None:
    model = gguf_models.write_scripted(
        tmp_path / "m.gguf", ["ab", "cd"], for_ever=True, context=512
    )
    words = [*(["--json"] if as_json else []), "--model", str(model), "x"]
    done = subprocess.run(
        [sys.executable, "-m", "hanlin", "ask", *words],
        env={**os.environ, "HANLIN_DATA_DIR": str(tmp_path / "data"), "LANG": "en_US.UTF-8"},
        capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if as_json:
        told = [json.loads(line)["event"] for line in done.stdout.splitlines()]
        assert told.count("looping") == 1
        assert told[-1] == "done"
    else:
        assert done.stderr.count("goes round in circles") == 1
        assert "The context is full" in done.stderr
