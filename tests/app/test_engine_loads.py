"""What the worker is told to load."""

from pathlib import Path

from hanlin.engine.base import LoadOptions
from hanlin.engine.launching import TINY_BYTES
from hanlin.engine.loads import Wanted, load_command
from hanlin.engine.protocol import Load


def told(path: Path, options: LoadOptions, measured: int = 0) -> Load:
    command = load_command(1, Wanted(path, options), measured)
    assert isinstance(command, Load)
    return command


def test_threads_are_measured_once_for_the_same_load(tmp_path: Path) -> None:
    model = tmp_path / "m.gguf"
    with model.open("wb") as file:
        file.truncate(TINY_BYTES)  # sparse
    first = told(model, LoadOptions(tune=True))
    assert first.tune
    again = told(model, LoadOptions(tune=True), measured=3)
    assert (again.tune, again.threads) == (False, 3)


def test_a_tiny_model_is_not_worth_measuring(tmp_path: Path) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(b"GGUF")
    command = told(model, LoadOptions(tune=True))
    assert (command.tune, command.threads) == (False, 1)
