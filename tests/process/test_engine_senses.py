"""Pictures and sounds through the real worker: encoded once, read again only where needed.

Random weights: what is compared are counts of tokens and encodes, and that what is kept gives
the same answer as what is read anew. What the starter sees is tested in its own file.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.generation import StopReason
from hanlin.engine import messages
from hanlin.engine.commands import Cancel, Count, Embed, Generate, Hide, Show, Weigh
from hanlin.engine.events import (
    Answered,
    Counted,
    Encoded,
    ModelLoaded,
    Prefill,
    Refused,
    Weighed,
)
from hanlin.engine.protocol import SENSES_TOO_DEEP, Code
from hanlin_fakes import projectors
from hanlin_fakes.real_worker import GREEDY, Worker, load
from hanlin_fakes.talking import FRAME, WORDS, frame, restored, saved
from hanlin_fakes.viewing import MOST, Viewer, open_pair, prompt, write_pairs

NEAR = 8
TAGS = 40
"""More than the tags around it take in a vocabulary that does not know them."""
DEEP, MANY = 128, 1024
"""Layers and tokens that take long to encode."""
TOO_MANY, DEEPEST = 256, 166
"""Layers of 16 tensors each, which are too many, and of 12 each, which are just not."""
PAIRS = {
    "qwen3": projectors.write_janus,
    "qwen3vl": projectors.write_qwen3vl,
    "qwen35": projectors.write_qwen3vl,
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    return write_pairs(tmp_path_factory.mktemp("pairs"), PAIRS)


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest, pairs: dict[str, tuple[Path, Path]]) -> tuple[Path, Path]:
    return pairs[request.param]


@pytest.fixture
def viewer(started: list[Worker], pair: tuple[Path, Path]) -> Viewer:
    worker, loaded = open_pair(started, *pair)
    assert loaded.sees
    assert not loaded.hears
    assert loaded.senses
    return Viewer(worker)


def test_a_second_question_about_a_picture_encodes_nothing_and_reads_eight_old_tokens(
    viewer: Viewer,
) -> None:
    viewer.show("one")
    first = viewer.ask("[one]what is it")
    assert viewer.encodes == 1
    assert first.timings.prefill_tokens > 20
    turns = ["[one]what is it", viewer.answer, "and what colour has it"]
    second = viewer.ask(*turns)
    assert viewer.encodes == 1
    assert second.timings.prefill_tokens <= len(turns[-1]) + FRAME + NEAR
    kept = viewer.answer
    fresh = viewer.ask(
        "[one]what is it", viewer.worker.text(viewer.last - 1), "and what colour has it", anew=True
    )
    assert fresh.usage.cached_tokens == 0
    assert viewer.answer == kept
    assert viewer.encodes == 1


def test_several_pictures_in_turns_are_kept_like_text(viewer: Viewer) -> None:
    for number, hash_ in enumerate(("one", "two", "three")):
        viewer.show(hash_, shade=40 * number)
    turns = ["[one][two]compare them", "x", "[three]and this"]
    viewer.ask(*turns)
    turns += [viewer.answer, "the last one again"]
    asked = viewer.ask(*turns)
    kept = viewer.answer
    assert asked.timings.prefill_tokens <= len(turns[-1]) + FRAME + NEAR
    viewer.ask(*turns, anew=True)
    assert viewer.answer == kept
    assert viewer.encodes == 3
    # Editing the second turn throws nothing away that stands before it.
    edited = viewer.ask(*turns[:2], "[two]and this instead")
    kept = viewer.answer
    assert edited.usage.cached_tokens >= 60
    viewer.ask(*turns[:2], "[two]and this instead", anew=True)
    assert viewer.answer == kept
    assert viewer.encodes == 3


def test_another_picture_makes_another_answer(viewer: Viewer) -> None:
    viewer.show("one", shade=0)
    viewer.show("two", 64, 300, shade=200)
    viewer.ask("[one]what is it")
    first = viewer.answer
    viewer.ask("[two]what is it")
    assert viewer.answer != first
    viewer.ask("[one]what is it")
    assert viewer.answer == first


def test_embeddings_of_another_worker_spare_the_encoding(
    viewer: Viewer, started: list[Worker], pair: tuple[Path, Path]
) -> None:
    viewer.show("one")
    viewer.worker.tell(Generate(900, prompt(["[one]what is it"]), GREEDY, WORDS, WORDS))
    viewer.worker.until(Encoded)
    made = viewer.worker.payload
    viewer.worker.until(Answered)
    told = viewer.worker.text(900)
    worker, _ = open_pair(started, *pair)
    other = Viewer(worker)
    other.show("one")
    worker.give(Embed(901, "one"), made)
    other.ask("[one]what is it")
    assert other.encodes == 0
    assert other.answer == told


def test_embeddings_that_do_not_fit_are_made_anew(viewer: Viewer) -> None:
    viewer.show("one")
    viewer.worker.give(Embed(901, "one"), b"\0" * 64)
    viewer.ask("[one]what is it")
    assert viewer.encodes == 1


def test_a_conversation_with_pictures_outlives_its_worker(
    viewer: Viewer, started: list[Worker], pair: tuple[Path, Path]
) -> None:
    viewer.name = "c"
    viewer.show("one")
    viewer.ask("[one]" + "what is it " * 8)
    turns = ["[one]" + "what is it " * 8, viewer.answer, "and now"]
    state = saved(viewer.worker, "c")
    worker, _ = open_pair(started, *pair)
    other = Viewer(worker, "c")
    assert restored(worker, "c", state) > 60
    other.show("one")
    read = other.ask(*turns)
    kept = other.answer
    assert other.encodes == 0
    assert read.timings.prefill_tokens <= len("and now") + FRAME + NEAR
    viewer.ask(*turns, anew=True)
    assert viewer.answer == kept


def test_a_picture_costs_what_was_told_before(viewer: Viewer) -> None:
    worker = viewer.worker
    without = viewer.ask("what").usage.prompt_tokens
    for wide, high in ((96, 96), (1024, 768), (300, 1000), (40, 40)):
        worker.tell(Weigh(800, AttachmentKind.PICTURE, wide, high))
        told = worker.until(Weighed).tokens
        assert 0 < told <= MOST + TAGS
        hash_ = f"{wide}x{high}"
        viewer.show(hash_, wide, high)
        assert viewer.ask(f"[{hash_}]what").usage.prompt_tokens == without + told
        worker.tell(Count(801, ("what",), ((hash_,),)))
        assert worker.until(Counted).counts == (len("what") + told,)


@pytest.mark.parametrize("asked", ["what is it", "what is to be seen in this picture, all of it"])
def test_a_change_behind_a_picture_costs_what_follows_it(viewer: Viewer, asked: str) -> None:
    """A picture is not read again, also where nothing that was read can be forgotten."""
    behind = frame(viewer.worker)
    viewer.show("one", 640, 640)
    for at in (0, len(asked) // 2):
        viewer.ask(f"[one]{asked}")
        viewer.worker.settle()
        read = viewer.ask(f"[one]{asked[:at]}X{asked[at + 1 :]}").timings.prefill_tokens
        assert read <= len(asked) - at + behind + NEAR
    assert viewer.encodes == 1


def test_a_picture_is_not_read_again_wherever_it_stands(viewer: Viewer) -> None:
    """Also where reading would have paused in the midst of the picture."""
    asked = "what is to be seen in this picture, all of it"
    at = len(asked) // 2
    behind = frame(viewer.worker)
    viewer.show("one", 640, 640)
    for number, letter in enumerate("abcdefgh"):
        turns = [letter * (1 + 8 * number), "yes"]
        viewer.ask(*turns, f"[one]{asked}")
        viewer.worker.settle()
        changed = f"[one]{asked[:at]}X{asked[at + 1 :]}"
        read = viewer.ask(*turns, changed).timings.prefill_tokens
        assert read <= len(asked) - at + behind + NEAR


def test_a_small_picture_behind_another_is_not_read_again(viewer: Viewer) -> None:
    """Not even where it is so small that a place before it is near."""
    asked = "what is to be seen in both pictures, all of it"
    at = len(asked) // 2
    behind = frame(viewer.worker)
    viewer.show("one", 640, 640)
    viewer.show("two", 64, 64)
    for number in range(8):
        turns = [chr(ord("a") + number) * (1 + 8 * number), "yes"]
        viewer.ask(*turns, f"[one][two]{asked}")
        viewer.worker.settle()
        changed = f"[one][two]{asked[:at]}X{asked[at + 1 :]}"
        read = viewer.ask(*turns, changed).timings.prefill_tokens
        assert read <= len(asked) - at + behind + NEAR


def test_what_people_type_is_never_a_picture(viewer: Viewer) -> None:
    viewer.show("one")
    typed = "<__media__> <__image__> <|vision_start|><|image_pad|> <|media|>"
    end = viewer.ask(f"[one]{typed}")
    plain = viewer.ask(typed)
    assert viewer.encodes == 1
    assert 0 < end.usage.prompt_tokens - plain.usage.prompt_tokens <= MOST + TAGS


def test_a_cancel_before_the_picture_is_read_leaves_it_to_the_next_question(
    viewer: Viewer,
) -> None:
    viewer.show("one", 1000, 1000)
    worker = viewer.worker
    worker.tell(Cancel(910), Generate(910, prompt(["[one]what"]), GREEDY, WORDS, WORDS))
    assert worker.until(Answered).reason is StopReason.CANCELLED
    assert viewer.encodes == 0
    viewer.ask("[one]what is it")
    kept = viewer.answer
    viewer.ask("[one]what is it", anew=True)
    assert viewer.answer == kept
    assert viewer.encodes == 1


def test_a_cancel_stops_the_encoder_in_the_middle_of_a_picture(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    # Left alone it encodes for half a minute; a worker says each second that it is still there.
    deep = projectors.write_qwen3vl(tmp_path / "mmproj.gguf", layers=DEEP)
    worker, _ = open_pair(started, pairs["qwen3vl"][0], deep, most=MANY)
    viewer = Viewer(worker)
    viewer.show("large", 1024, 1024)
    worker.tell(Generate(911, prompt(["[large]what"]), GREEDY, WORDS, WORDS))
    read = [worker.until(Prefill).done]
    while read[-1] not in read[:-1]:  # no step ended since: it is in the middle of the encoding
        read.append(worker.until(Prefill).done)
    assert viewer.encodes == 0
    worker.tell(Cancel(911))
    assert worker.until(Answered).reason is StopReason.CANCELLED
    assert viewer.encodes == 0
    viewer.show("small", 64, 64)
    viewer.ask("[small]what is it")
    assert viewer.encodes == 1


def test_what_was_hidden_or_never_shown_is_refused(viewer: Viewer) -> None:
    viewer.show("one")
    viewer.ask("[one]what")
    viewer.worker.tell(Hide(920, "one"))
    for hash_ in ("one", "never"):
        viewer.worker.tell(Generate(921, prompt([f"[{hash_}]what"]), GREEDY, WORDS, WORDS))
        while not isinstance(event := viewer.worker.hear(), Refused):
            pass
        assert event.code is Code.BUG
    assert viewer.ask("still here").usage.completion_tokens == WORDS


def test_a_picture_of_the_wrong_size_is_refused_and_so_is_what_asks_about_it(
    viewer: Viewer,
) -> None:
    picture = AttachmentKind.PICTURE
    for wide, high in ((10, 10), (0, 0), (-4, -4)):
        viewer.worker.give(Show(930, "bad", picture, wide, high), b"\0" * 12)
        viewer.worker.tell(Generate(931, prompt(["[bad]what"]), GREEDY, WORDS, WORDS))
        for number in (930, 931):
            while not isinstance(event := viewer.worker.hear(), Refused):
                pass
            assert (event.id, event.code) == (number, Code.MEDIUM)
    assert viewer.ask("still here").usage.completion_tokens == WORDS
    viewer.show("bad")
    assert viewer.ask("[bad]what").usage.completion_tokens == WORDS


def test_fewer_positions_than_tokens_still_fill_the_context(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]]
) -> None:
    model, projector = pairs["qwen3vl"]
    worker = Worker(model, projector)
    started.append(worker)
    command = load(model, context=512)
    worker.tell(replace(command, projector=str(projector), media_tokens=MOST))
    worker.until(ModelLoaded)
    viewer = Viewer(worker)
    viewer.show("one", 640, 640)
    worker.tell(Generate(940, prompt(["[one]what"]), GREEDY, WORDS))
    end = worker.until(Answered)
    assert end.reason is StopReason.CONTEXT
    assert end.context_used <= 512
    assert end.usage.prompt_tokens > 150
    assert end.usage.prompt_tokens + end.usage.completion_tokens >= 500


@pytest.mark.parametrize("damage", ["another model", "cut", "text", "missing"])
def test_a_projector_that_does_not_fit_costs_only_the_eyes(
    started: list[Worker],
    pairs: dict[str, tuple[Path, Path]],
    tmp_path: Path,
    damage: str,
) -> None:
    model, good = pairs["qwen3"]
    projector = tmp_path / "mmproj.gguf"
    if damage == "another model":
        projectors.write_janus(projector, out=256)
    elif damage == "cut":
        projector.write_bytes(good.read_bytes()[:2000])
    elif damage == "text":
        projector.write_text("<html>", encoding="utf-8")
    worker, loaded = open_pair(started, model, projector)
    assert loaded.blind
    assert not loaded.sees
    assert loaded.senses_refused == ("128 256" if damage == "another model" else "")
    assert Viewer(worker).ask("still here").usage.completion_tokens == WORDS


KILLERS: dict[str, projectors.Spoil] = {
    "v.blk.1.attn_q.weight": lambda _name, _values: None,
    "v.blk.0.attn_k.weight": lambda _name, _values: None,
    "v.blk.1.attn_out.bias": lambda _name, values: values.astype(np.float16),
    "v.blk.0.ln2.weight": lambda _name, values: values.astype(np.float16),
    "mm.0.bias": lambda _name, values: values.astype(np.float16),
    "v.position_embd.weight": lambda _name, values: values[:-1],
    "v.post_ln.weight": lambda _name, values: values.astype(np.float16),
}
"""What ends a process in mtmd, when it opens the file or at the first picture."""


@pytest.mark.parametrize("tensor", [*KILLERS, "positions in 16 bits"])
def test_a_projector_that_would_kill_is_named_and_the_worker_lives(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], tmp_path: Path, tensor: str
) -> None:
    named, spoil = tensor, KILLERS.get(tensor)
    if spoil is None:
        named, spoil = "v.position_embd.weight", lambda _name, values: values.astype(np.float16)
    bad = projectors.write_janus(
        tmp_path / "mmproj.gguf",
        spoil=lambda name, values: spoil(name, values) if name == named else values,
    )
    worker, loaded = open_pair(started, pairs["qwen3"][0], bad)
    assert (loaded.blind, loaded.sees, loaded.senses_refused) == (True, False, named)
    assert Viewer(worker).ask("still here").usage.completion_tokens == WORDS


def test_a_projector_of_too_many_layers_is_named_and_the_worker_lives(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    deep = projectors.write_janus(tmp_path / "mmproj.gguf", layers=TOO_MANY)
    worker, loaded = open_pair(started, pairs["qwen3"][0], deep)
    assert (loaded.blind, loaded.senses_refused) == (True, f"{SENSES_TOO_DEEP} {TOO_MANY}")
    assert f"{TOO_MANY} layers" in messages.projector_refused(deep, loaded.senses_refused)
    assert Viewer(worker).ask("still here").usage.completion_tokens == WORDS


def test_the_deepest_projector_that_is_taken_can_be_computed(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    deep = projectors.write_qwen3vl(tmp_path / "mmproj.gguf", layers=DEEPEST)
    viewer = Viewer(open_pair(started, pairs["qwen3vl"][0], deep)[0])
    viewer.show("one", 64, 64)
    assert viewer.ask("[one]what is it").usage.completion_tokens == WORDS


def test_a_sound_takes_its_tokens_and_is_read(
    started: list[Worker], pairs: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    model, _ = pairs["qwen3"]
    ears = projectors.write_ears(tmp_path / "ears.gguf")
    worker, loaded = open_pair(started, model, ears)
    assert (loaded.hears, loaded.sees, loaded.rate) == (True, False, projectors.SAMPLE_RATE)
    viewer = Viewer(worker)
    without = viewer.ask("what").usage.prompt_tokens
    for seconds, pieces in ((2, 1), (40, 2)):
        samples = projectors.SAMPLE_RATE * seconds
        worker.tell(Weigh(950, AttachmentKind.SOUND, samples))
        told = worker.until(Weighed).tokens
        assert told >= projectors.EAR_TOKENS * pieces
        hash_ = f"{seconds} s"
        worker.give(Show(951, hash_, AttachmentKind.SOUND), b"\0\0\0\0" * samples)
        assert viewer.ask(f"[{hash_}]what").usage.prompt_tokens == without + told
    picture = AttachmentKind.PICTURE
    worker.give(Show(952, "eyes", picture, 10, 10), bytes(300))
    while not isinstance(event := worker.hear(), Refused):
        pass
    assert event.code is Code.MEDIUM
