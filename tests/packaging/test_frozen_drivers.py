"""The frozen program beside graphics drivers that break: it says so, and talks on the processor."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin_fakes import drivers
from hanlin_fakes.drivers import Behaves

_BROKEN = (
    Behaves.ABORTS,
    Behaves.HANGS,
    Behaves.ERRORS,
    Behaves.NO_DEVICE,
    Behaves.NO_MEMORY,
    Behaves.MISSING,
)
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(drivers.why_not()), reason=drivers.why_not() or "they can be built"),
]


@pytest.fixture(scope="module")
def copied(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program in a folder of its own."""
    return Path(shutil.copytree(frozen, tmp_path_factory.mktemp("翰 林") / "hanlin"))


@pytest.fixture
def with_driver(copied: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The program with a broken driver beside its other modules."""
    driver = drivers.build(tmp_path, request.param).path
    placed = Path(shutil.copy(driver, copied / "_internal/llama_cpp/lib"))
    yield copied / "hanlin"
    placed.unlink()


@pytest.mark.parametrize(
    "with_driver", _BROKEN, indirect=True, ids=lambda behaves: behaves.name.lower()
)
def test_a_driver_that_breaks_leaves_a_chat_on_the_processor(
    with_driver: Path, tmp_path: Path
) -> None:
    data = ("--data-dir", str(tmp_path / "data"), "--language", "en")
    tried = _run(with_driver, *data, "doctor", "--try-graphics")
    assert "fake" in tried.stdout, tried.stdout + tried.stderr
    asked = _run(with_driver, *data, "ask", "--json", "--max-tokens", "24", "你好")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert json.loads(asked.stdout.splitlines()[-1])["timings"]["decode_tokens"] > 0


def _run(program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *words], capture_output=True, encoding="utf-8", check=False, timeout=240
    )
