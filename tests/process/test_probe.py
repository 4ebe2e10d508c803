"""The speed of this computer, measured by the real engine."""

from pathlib import Path

import pytest

from hanlin.engine.base import LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.kernel.errors import UserCancelled
from hanlin.templates.client import TemplateClient
from hanlin_models import gguf, probe


def test_the_engine_takes_the_model_and_writes_with_it(tmp_path: Path) -> None:
    engine = EngineClient(TemplateClient())
    try:
        speed = probe.measure(
            engine, tmp_path, LoadOptions(threads=1), lambda _done, _total: None, layers=1
        )
    finally:
        engine.close()
    assert speed > 0
    assert not (tmp_path / "probe.gguf").exists()


def test_it_can_be_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise UserCancelled

    engine = EngineClient(TemplateClient())
    try:
        with pytest.raises(UserCancelled):
            probe.measure(engine, tmp_path, LoadOptions(threads=1), stop, layers=1)
    finally:
        engine.close()
    assert not (tmp_path / "probe.gguf").exists()


def test_the_model_is_a_right_file_that_takes_hardly_any_room(tmp_path: Path) -> None:
    path = tmp_path / "probe.gguf"
    weights = probe.write_model(path, 12)
    info = gguf.read(path)
    assert (info.architecture, info.tensors) == ("llama", 3 + 12 * 9)
    assert 350e6 < weights < info.bytes < 450e6
    if hasattr(path.stat(), "st_blocks"):
        assert path.stat().st_blocks * 512 < 1_000_000
