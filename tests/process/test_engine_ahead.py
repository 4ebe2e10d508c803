"""Pictures of a question are encoded and read before it is asked, and give way to whoever asks.

Random weights: what is compared are counts of tokens and encodes, and that what was read ahead
gives the same answer as what is read anew.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hanlin.domain.attachments import AttachmentKind, Media, Pixels
from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, StopReason, Turn
from hanlin.domain.ids import is_temporary, temporary_id
from hanlin.domain.prompt import Segment
from hanlin.engine.base import Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.engine.commands import Cancel, Count, Embed, Generate, ReadAhead
from hanlin.engine.events import Answered, Counted, Encoded, HasRead
from hanlin.store.states import StateFiles
from hanlin.templates.client import TemplateClient
from hanlin_fakes import gguf_models, projectors
from hanlin_fakes.hearing import Heard
from hanlin_fakes.real_worker import GREEDY, Worker
from hanlin_fakes.talking import FRAME, WORDS
from hanlin_fakes.viewing import MOST, Viewer, open_pair, prompt, write_pairs
from hanlin_fakes.waiting import until

NEAR = 8
TAGS = 40
"""More than the tags around a picture take in a vocabulary that does not know them."""
A_WHILE, FOR_LONG, MANY = 12, 128, 1024
"""Layers of an encoder that takes seconds, or half a minute, for so many tokens."""
LAYERS, LARGE, WIDTH = 32, 2916, 128
"""Of a model that takes long to read a picture of so many embeddings of that width."""
COMPUTED = 0.4
"""Seconds after which a worker is in the midst of an encoding."""
PAIRS = {
    "qwen3": projectors.write_janus,
    "qwen3vl": projectors.write_qwen3vl,
    "qwen35": projectors.write_qwen3vl,
}
ANSWER = GenerationOptions(GREEDY, max_tokens=WORDS)
LOOK = "what is to be seen " * 20


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    return write_pairs(tmp_path_factory.mktemp("pairs"), PAIRS)


@pytest.fixture(params=PAIRS)
def viewer(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], request: pytest.FixtureRequest
) -> Viewer:
    worker, loaded = open_pair(started, *pairs[request.param])
    assert loaded.sees
    return Viewer(worker)


def ahead(viewer: Viewer, *turns: str, uncertain: int = 0) -> int:
    """Have all but the end of a prompt read ahead; return the command's number."""
    number = next(viewer.numbers)
    segments = tuple(each for each in prompt(turns)[:-1] if each.text or each.media)
    viewer.worker.tell(ReadAhead(number, viewer.name, segments, uncertain))
    return number


def has_read(viewer: Viewer, number: int) -> int:
    while (end := viewer.worker.until(HasRead)).id != number:
        pass
    return end.tokens


def compared(viewer: Viewer, *turns: str) -> int:
    """Ask, compare with the same read from the start; return the tokens evaluated."""
    read = viewer.ask(*turns).timings.prefill_tokens
    kept = viewer.answer
    viewer.ask(*turns, anew=True)
    assert viewer.answer == kept
    return read


def test_a_picture_is_encoded_and_read_before_it_is_asked_about(viewer: Viewer) -> None:
    viewer.show("one")
    assert has_read(viewer, ahead(viewer, "[one]")) > 20
    assert viewer.encodes == 1
    assert compared(viewer, "[one]what is it") <= len("what is it") + FRAME + NEAR
    assert viewer.encodes == 1


def test_a_second_picture_and_a_long_draft_cost_only_themselves(viewer: Viewer) -> None:
    viewer.show("one", 640, 640)
    viewer.show("two", shade=10)
    first = has_read(viewer, ahead(viewer, "[one]"))
    assert has_read(viewer, ahead(viewer, "[one][two]")) > 0
    assert has_read(viewer, ahead(viewer, f"[one][two]{LOOK}", uncertain=8)) <= len(LOOK) + NEAR
    assert has_read(viewer, ahead(viewer, f"[one][two]{LOOK}", uncertain=8)) == 0
    assert compared(viewer, f"[one][two]{LOOK}now") <= len("now") + 8 + FRAME + NEAR
    assert first > 20
    assert viewer.encodes == 2


def test_a_picture_that_is_removed_leaves_nothing(viewer: Viewer) -> None:
    viewer.show("one")
    viewer.show("two", shade=10)
    turns = [LOOK, LOOK]
    # What stood before the picture is not read again, also where nothing can be forgotten.
    has_read(viewer, ahead(viewer, *turns, "[one]"))
    assert compared(viewer, *turns, "go on") <= len("go on") + FRAME + NEAR
    has_read(viewer, ahead(viewer, *turns, "[one][two]"))
    assert compared(viewer, *turns, "[two]and") <= MOST + TAGS + len("and") + FRAME + NEAR
    assert viewer.encodes == 2


def test_what_does_not_fit_the_context_is_not_read_ahead(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]]
) -> None:
    viewer = Viewer(open_pair(started, *pairs["qwen3vl"])[0])
    shown = ""
    for number in range(20):  # their positions would fit, their tokens do not
        shown += f"[{number}]"
        viewer.show(str(number), 640, 640, shade=number)
    assert has_read(viewer, ahead(viewer, shown)) == 0
    assert viewer.encodes == 0
    assert viewer.ask("still here").usage.completion_tokens == WORDS


class Encoding:
    """A worker in the midst of encoding a picture for a prompt that is read ahead."""

    def __init__(self, started: list[Worker], model: Path, eyes: Path) -> None:
        worker, _ = open_pair(started, model, eyes, most=MANY)
        self.viewer = Viewer(worker)
        self.viewer.show("large", 1024, 1024)
        self.ahead = begun(self.viewer, "[large]")


def begun(viewer: Viewer, *turns: str) -> int:
    """Have a prompt read ahead; return the command's number in the midst of its picture."""
    viewer.ask(*turns[:-1], "hi")
    process = psutil.Process(viewer.worker.process.pid)
    before = process.cpu_times().user
    number = ahead(viewer, *turns)
    until(lambda: process.cpu_times().user > before + COMPUTED)
    return number


@pytest.mark.parametrize("kind", ["qwen3vl", "qwen35"])
def test_a_question_about_something_else_goes_before_the_encoder(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], tmp_path: Path, kind: str
) -> None:
    deep = projectors.write_qwen3vl(tmp_path / "mmproj.gguf", layers=FOR_LONG)
    encoding = Encoding(started, pairs[kind][0], deep)
    viewer = encoding.viewer
    assert viewer.ask("and now").usage.completion_tokens == WORDS
    assert viewer.encodes == 0
    viewer.show("small", 64, 64)
    compared(viewer, "[small]what is it")
    assert viewer.encodes == 1


@pytest.mark.parametrize("kind", ["qwen3vl", "qwen35"])
def test_a_question_about_something_else_goes_before_the_reading_of_a_picture(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], tmp_path: Path, kind: str
) -> None:
    model = gguf_models.write_random(tmp_path / "deep.gguf", kind, layers=LAYERS, comparable=True)
    viewer = Viewer(open_pair(started, model, pairs[kind][1], most=LARGE)[0])
    viewer.show("large", 2048, 2048)
    viewer.worker.give(Embed(900, "large"), bytes(4 * WIDTH * LARGE))
    viewer.ask(LOOK)
    turns = [LOOK, viewer.answer]
    reading = begun(viewer, *turns, "[large]")
    assert compared(viewer, *turns, "and now") <= len("and now") + FRAME + NEAR
    [read] = [event for event in viewer.worker.said if isinstance(event, HasRead)]
    assert (read.id, viewer.encodes) == (reading, 0)
    assert read.tokens < FRAME  # none of the picture's


def test_a_question_about_the_same_that_is_stopped_stops_the_encoder(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    deep = projectors.write_qwen3vl(tmp_path / "mmproj.gguf", layers=FOR_LONG)
    encoding = Encoding(started, pairs["qwen3vl"][0], deep)
    viewer = encoding.viewer
    viewer.worker.tell(Generate(911, prompt(["[large]what"]), GREEDY, WORDS, WORDS), Cancel(911))
    assert viewer.worker.until(Answered).reason is StopReason.CANCELLED
    assert viewer.encodes == 0


def test_who_goes_on_about_the_same_picture_does_not_begin_it_again(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    slow = projectors.write_qwen3vl(tmp_path / "mmproj.gguf", layers=A_WHILE)
    encoding = Encoding(started, pairs["qwen3vl"][0], slow)
    viewer = encoding.viewer
    viewer.worker.tell(Count(700, ("some words",)))
    typed = ahead(viewer, f"[large]{LOOK}", uncertain=8)
    assert has_read(viewer, encoding.ahead) > 0
    assert has_read(viewer, typed) <= len(LOOK) + FRAME
    said = [type(event) for event in viewer.worker.said]
    assert said.index(Encoded) < said.index(Counted)
    assert compared(viewer, f"[large]{LOOK}now") <= len("now") + 8 + FRAME + NEAR
    assert viewer.encodes == 1


class Seeing:
    """The program's engine with a model that sees, and what it keeps on the disk."""

    def __init__(self, pair: tuple[Path, Path | None], folder: Path) -> None:
        self._folder = folder
        self.opened = 0
        self.opening, self.given = threading.Event(), threading.Event()
        self.given.set()
        self.client = EngineClient(
            TemplateClient(),
            states=StateFiles(folder / "states", bytes(32), lambda: 10**9),
            encoded=StateFiles(folder / "encoded", bytes(32), lambda: 10**9),
        )
        self.heard = Heard(self.client)
        options = LoadOptions(4096, threads=1, projector=pair[1])
        assert isinstance(self.heard.end_of(self.client.load(pair[0], options)), Loaded)

    def question(self, text: str = "", *hashes: str) -> Turn:
        def load() -> Pixels:
            self.opened += 1
            self.opening.set()
            assert self.given.wait(30)
            return Pixels(200, 120, bytes(200 * 120 * 3))

        media = tuple(Media(AttachmentKind.PICTURE, each, load) for each in hashes)
        return Turn(Role.USER, text, media=media)

    def ask(self, turns: list[Turn], name: str) -> Finished:
        end = self.heard.end_of(self.client.generate(turns, ANSWER, name))
        assert isinstance(end, Finished)
        return end

    def read(self, turns: list[Turn], name: str, question: Turn) -> None:
        """Have a question read ahead, and wait until that is over."""
        running = self.client._running
        before = running._ahead
        self.client.read_ahead(turns, ANSWER, name, question)
        until(lambda: running._ahead > before and running._showing._ahead is None)
        until(lambda: self.client.count([Segment("x", control=False)]) is not None)
        until(lambda: not running._keeper._reading)

    def kept(self, kind: str) -> int:
        """Close, and return how much was kept."""
        self.client.close()
        return len(list((self._folder / kind).glob("*.state")))


@pytest.fixture
def seeing(pairs: dict[str, tuple[Path, Path]], tmp_path: Path) -> Iterator[Seeing]:
    made = Seeing(pairs["qwen3vl"], tmp_path)
    yield made
    made.given.set()
    made.client.close()


def test_a_question_finds_its_picture_read_and_only_then_is_it_kept(seeing: Seeing) -> None:
    seeing.read([], "", seeing.question("", "one"))
    end = seeing.ask([seeing.question("what is it", "one")], "c")
    assert end.timings.prefill_tokens <= len("what is it") + FRAME + NEAR
    assert end.usage.cached_tokens > 20
    assert seeing.opened == 1
    assert (seeing.kept("encoded"), seeing.kept("states")) == (1, 1)


@pytest.mark.parametrize("name", ["", "c", temporary_id(0)])
def test_a_picture_that_was_never_sent_is_never_on_the_disk(seeing: Seeing, name: str) -> None:
    seeing.read([], name, seeing.question(LOOK * 2, "one"))
    if is_temporary(name):
        seeing.ask([seeing.question(LOOK, "one")], name)
    else:
        seeing.read([], name, seeing.question())
    assert seeing.opened == 1
    assert (seeing.kept("encoded"), seeing.kept("states")) == (0, 0)


def test_who_asks_while_a_picture_is_opened_does_not_open_it_again(seeing: Seeing) -> None:
    seeing.given.clear()
    seeing.client.read_ahead([], ANSWER, "", seeing.question("", "one"))
    assert seeing.opening.wait(30)
    asked = seeing.client.generate([seeing.question("what is it", "one")], ANSWER, "c")
    seeing.given.set()
    assert isinstance(seeing.heard.end_of(asked), Finished)
    assert seeing.opened == 1
    assert seeing.kept("encoded") == 1


def test_who_asks_something_else_waits_for_no_picture(seeing: Seeing) -> None:
    seeing.given.clear()
    seeing.client.read_ahead([], ANSWER, "", seeing.question("", "one", "two"))
    assert seeing.opening.wait(30)
    assert seeing.ask([seeing.question("hello")], "c").usage.completion_tokens == WORDS
    seeing.given.set()
    seeing.ask([seeing.question("what is it", "two")], "d")
    assert seeing.opened == 2  # of the two that nobody asked for, the second was left


def test_a_conversation_with_pictures_is_read_when_it_is_looked_at(seeing: Seeing) -> None:
    said = [seeing.question("what is it", "one"), Turn(Role.ASSISTANT, LOOK)]
    seeing.read(said, "c", seeing.question())
    end = seeing.ask([*said, seeing.question("and now")], "c")
    assert end.timings.prefill_tokens <= len("and now") + FRAME + NEAR


def test_what_the_model_cannot_take_keeps_nothing_else_from_being_read(
    pairs: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    seeing = Seeing((pairs["qwen3vl"][0], None), tmp_path)
    said = [seeing.question(LOOK), Turn(Role.ASSISTANT, LOOK)]
    seeing.read(said, "c", seeing.question("", "one"))
    end = seeing.ask([*said, seeing.question("and now")], "c")
    assert end.timings.prefill_tokens <= len("and now") + FRAME + NEAR
    assert seeing.opened == 0
    seeing.client.close()
