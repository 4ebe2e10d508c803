"""What keeps a person the master of the engine, in the real window with real workers."""

from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from hanlin.domain.conversation import Message, Role, Status
from hanlin_fakes.desktop import Desktop, eventually, neighbour
from hanlin_fakes.gguf_models import write_scripted

pytestmark = pytest.mark.timeout(300)
ENDED = (Status.COMPLETE, Status.STOPPED, Status.TRUNCATED, Status.INTERRUPTED, Status.FAILED)
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
    with desk.window() as window:
        window.wait_until_open()
        for count, question in enumerate(("first", "second"), 1):
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
        (Role.USER, Status.COMPLETE, "second"),
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
