"""What keeps a person the master of the engine, in the real window with real workers."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import product
from pathlib import Path

import psutil
import pytest

from hanlin.domain.conversation import Message, Role, Status
from hanlin_fakes.desktop import Desktop, Window, eventually, neighbour
from hanlin_fakes.gguf_models import write_random, write_scripted

pytestmark = pytest.mark.timeout(300)
ENDED = (Status.COMPLETE, Status.STOPPED, Status.TRUNCATED, Status.INTERRUPTED, Status.FAILED)
LAYERS = 400
"""So many that the file is open for a second."""
AT_ONCE = 3.0
BEFORE_THE_END = 20
"""Letters."""
FRAME, NEAR = 13, 8
"""Tokens of ChatML behind a question, and those that may be read once more."""
ROOMY = 4096
"""Tokens: no answer of random words, each of which can be the last, fills it."""
HOW = ("small", "big", "old", "new", "red", "black")
WHO = ("cat", "dog", "bird", "horse", "book", "cup", "ball", "hat")
WHERE = ("under the chair", "on the table", "in the garden", "in the house", "near the river")


def test_what_does_not_fit_is_refused_and_nothing_is_cut_until_it_was_chosen(
    desktop: Callable[..., Desktop], tmp_path: Path
) -> None:
    desk = desktop()
    desk.choose(context=512)
    says = [f"word{number} " for number in range(60)]
    desk.add_model(write_scripted(tmp_path / "talks.gguf", says))
    long = "second " * 57 + "end"  # one byte is one token: it has room alone
    with desk.window() as window:
        window.wait_until_open()
        for count, question in enumerate(("first", long), 1):
            window.type(question)
            window.press("Return")
            ended = partial(_ended, desk, 2 * count)
            eventually(ended, f"the end of the answer to {question}")
        window.shot("context-full")
    refused = [(one.role, one.status, one.text()) for one in desk.transcript()]
    whole = "".join(says)
    assert refused[:3] == [
        (Role.USER, Status.COMPLETE, "first"),
        (Role.ASSISTANT, Status.COMPLETE, whole),
        (Role.USER, Status.COMPLETE, long),
    ]
    assert refused[3] == (Role.ASSISTANT, Status.FAILED, "")

    desk.choose(context=512, when_full="drop")
    with desk.window() as window:
        window.wait_until_open()
        window.press("ctrl+l")
        window.type("third")
        window.press("Return")
        answer = eventually(lambda: desk.answer(Status.COMPLETE), "an answer to what is left")
        window.shot("context-dropped")
    assert answer.text() == whole
    kept = [(one.role, one.status, one.text()) for one in desk.transcript()]
    assert kept[:4] == refused, "the model forgets them; a person keeps every word"


def test_a_running_translation_gives_way_to_a_question_and_goes_on(
    desktop: Callable[..., Desktop],
) -> None:
    sentences = [f"The {how} {who} is {where}." for how, who, where in product(HOW, WHO, WHERE)]
    text = " ".join(sentences)
    desk = desktop()
    with desk.window() as window, neighbour("text", text):
        window.wait_until_open()
        window.press("ctrl+2", "ctrl+v")
        eventually(desk.sentences_translated, "the first sentence's translation")
        window.press("ctrl+1", "ctrl+l")
        window.type("Hello")
        window.press("Return")
        answer = eventually(lambda: desk.answer(*ENDED), "an answer")
        meanwhile = desk.sentences_translated()
        assert not desk.translations(), "the question did not wait for the whole text"
        eventually(lambda: desk.sentences_translated() > meanwhile, "the translation goes on")
        window.shot("answer-beside-a-translation")
        window.press("ctrl+2")
        window.shot("translation-goes-on")
    assert answer.status is Status.COMPLETE
    assert answer.text()


def _ended(desk: Desktop, messages: int) -> Message | None:
    return desk.answer(*ENDED) if len(desk.transcript()) == messages else None


def test_a_stopped_load_ends_at_once_and_the_next_one_answers(
    desktop: Callable[..., Desktop], tmp_path: Path
) -> None:
    desk = desktop()
    desk.choose(context=512)
    desk.add_model(write_scripted(tmp_path / "kind.gguf", ["here ", "I am"]))
    deep = write_random(tmp_path / "deep.gguf", layers=LAYERS)
    desk.add_model(deep)
    with desk.window() as window:
        worker = eventually(partial(_reading, window, deep), "a worker that reads the model")
        worker.suspend()  # a load as long as a large file's, wherever in llama.cpp it is
        window.shot("loading")
        window.press("Tab", "Tab", "Tab", "space")  # past the paper clip and the model's name
        eventually(lambda: not worker.is_running(), "the end of the load", AT_ONCE)
        window.shot("load-stopped")
        window.press("ctrl+shift+p")
        window.turn_to("Command palette")
        window.type("kind")
        window.close("Command palette", "Return")
        window.press("ctrl+l")
        window.type("hello")
        window.press("Return")
        answer = eventually(lambda: desk.answer(*ENDED), "an answer of the next model")
        window.shot("load-stopped-next")
    assert (answer.status, answer.text()) == (Status.COMPLETE, "here I am")


def _reading(window: Window, model: Path) -> psutil.Process | None:
    """Return the process that has the file open: it is closed when the model is loaded."""
    for child in window.children():
        with suppress(psutil.Error):
            if any(Path(file.path) == model for file in child.open_files()):
                return child
    return None


def test_a_changed_letter_costs_what_follows_it_where_nothing_can_be_forgotten(
    desktop: Callable[..., Desktop], tmp_path: Path
) -> None:
    """One byte is one token; the keys of the change and of sending it follow without a pause."""
    desk = desktop()
    desk.choose(context=ROOMY)
    model = write_random(tmp_path / "hybrid.gguf", "qwen35", context=ROOMY)
    desk.add_model(model)
    question = "Tell me what you know about the small red bird that lives in the garden behind"
    with desk.window() as window:
        window.wait_until_open()
        window.type(question)
        window.press("Return")
        first = eventually(partial(_ended, desk, 2), "the end of the answer")
        eventually(lambda: "ways back" in desk.log(), "a worker that has nothing to do")
        window.press("ctrl+l", "Up", *["Left"] * BEFORE_THE_END, "x", "Return")

        def another() -> Message | None:
            answer = _ended(desk, 2)
            return answer if answer is not None and answer.id != first.id else None

        changed = eventually(another, "the end of the other answer")
        window.shot("changed-letter")
    found = [one.text() for one in desk.transcript() if one.role is Role.USER]
    assert found == [f"{question[:-BEFORE_THE_END]}x{question[-BEFORE_THE_END:]}"]
    took = desk.report(changed)
    assert took.timings.prefill_tokens <= BEFORE_THE_END + 1 + FRAME + NEAR
