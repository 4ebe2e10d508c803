"""The whole program on a virtual display, typed at with real keys."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hanlin_fakes.desktop import Desktop

SHOTS = Path(__file__).parent / "shots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say why nothing here runs where there is no screen."""
    missing = [tool for tool in ("xdotool", "import") if shutil.which(tool) is None]
    reason = "needs a display" if not os.environ.get("DISPLAY") else f"needs {', '.join(missing)}"
    if missing or not os.environ.get("DISPLAY"):
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def desktop(tmp_path: Path) -> Callable[..., Desktop]:
    """Return the way to a data folder of one's own, in a folder with a Chinese name."""

    def make(**environment: str) -> Desktop:
        return Desktop(
            tmp_path / "张 三" / "资料 夹", SHOTS, {"LANG": "en_US.UTF-8", **environment}
        )

    return make
