"""What the worker is told to load."""

from pathlib import Path

import pytest

from hanlin.domain.prompt import TemplateFacts
from hanlin.engine import files
from hanlin.engine.base import LoadOptions
from hanlin.engine.commands import Load
from hanlin.engine.events import ModelLoaded
from hanlin.engine.launching import TINY_BYTES
from hanlin.engine.loads import Wanted, load_command, loaded_model


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


def test_the_context_may_take_what_weights_and_eyes_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, eyes = tmp_path / "m.gguf", tmp_path / "mmproj.gguf"
    model.write_bytes(b"x" * 3000)
    eyes.write_bytes(b"x" * 200)
    monkeypatch.setattr(files, "free_memory", lambda: 10**9)
    assert told(model, LoadOptions()).free_memory == 10**9 - 3000
    assert told(model, LoadOptions(projector=eyes)).free_memory == 10**9 - 3200


@pytest.mark.parametrize(
    ("context", "trained", "asked", "noted"),
    [
        (8192, 40960, 0, False),
        (32768, 40960, 0, False),
        (4096, 40960, 0, True),
        (4096, 0, 0, True),
        (2048, 2048, 0, False),
        (1024, 2048, 0, True),
        (512, 40960, 512, False),
    ],
)
def test_less_context_than_usual_is_told_unless_it_was_asked_for(
    context: int, trained: int, asked: int, *, noted: bool
) -> None:
    event = ModelLoaded(1, "qwen3", "m", 1, context, trained, "", "", (), "", "CPU", "")
    wanted = Wanted(Path("m.gguf"), LoadOptions(context=asked))
    note = loaded_model(event, wanted, TemplateFacts(thinking_switch=False, note="")).template_note
    assert (f"{context:,} tokens of context" in note) is noted
