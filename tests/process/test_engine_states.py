"""A conversation's state outlives the worker, and is read ahead; both equal to reading anew."""

import time
from pathlib import Path

import psutil

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, StopReason, Turn
from hanlin.engine.base import EngineState, Failed, Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.engine.commands import Generate, ReadAhead
from hanlin.engine.events import Answered, HasRead
from hanlin.engine.worker.shelf import NEAR
from hanlin.store.states import StateFiles
from hanlin.templates.client import TemplateClient
from hanlin_fakes.gguf_models import write_scripted
from hanlin_fakes.hearing import Heard
from hanlin_fakes.real_worker import GREEDY, Worker, start
from hanlin_fakes.talking import FRAME, WORDS, Talk, prompt, restored, saved

LONG = [Turn(Role.USER, "tell me something long " * 60)]
ANSWER = GenerationOptions(GREEDY, max_tokens=WORDS)


def test_a_conversation_survives_its_worker(started: list[Worker], path: Path) -> None:
    first = start(started, path, context=8192)
    talk = Talk(first, "c")
    turns = ["tell me something long " * 30]
    talk.ask(turns)
    turns += [talk.answer, "and more " * 10]
    whole = talk.ask(turns).context_used
    last = talk.answer
    Talk(first, "another").ask(["something else " * 30])
    state = saved(first, "c")
    first.process.stop()

    again = start(started, path, context=8192)
    assert restored(again, "c", state) == whole
    talk = Talk(again, "c")
    assert talk.evaluated(turns) <= NEAR
    assert talk.answer == last
    assert restored(again, "c", state) == whole
    longer = [*turns, last, "go on"]
    assert talk.evaluated(longer) <= len("go on") + FRAME + NEAR
    assert restored(again, "c", state) == whole
    edited = [*turns[:2], "less"]
    assert talk.evaluated(edited) <= len("less") + FRAME + NEAR


def test_another_worker_knows_the_tokens_of_an_answer_that_ended_within_one(
    started: list[Worker], tmp_path: Path
) -> None:
    path = write_scripted(tmp_path / "spaces.gguf", ["on ", "and "], for_ever=True)
    first = start(started, path)
    talk = Talk(first, "c")
    talk.ask(["go"])
    state = saved(first, "c")
    first.process.stop()

    again = start(started, path)
    assert restored(again, "c", state) > WORDS
    more = Talk(again, "c").ask(["go", talk.answer.strip(), "more"])
    assert more.timings.prefill_tokens <= len("more") + FRAME + NEAR


def test_a_question_that_was_read_bit_by_bit_can_be_changed_in_another_worker(
    started: list[Worker], path: Path
) -> None:
    first = start(started, path, context=8192)
    talk = Talk(first, "c")
    turns = ["tell me something long " * 30]
    talk.ask(turns)
    turns += [talk.answer, "and more " * 30]
    for typed in (60, 120, 180, 240):
        begun = prompt([*turns[:2], turns[2][:typed]])[:-1]
        first.tell(ReadAhead(next(talk.numbers), "c", begun, NEAR))
        first.until(HasRead)
    talk.ask(turns)
    state = saved(first, "c")
    first.process.stop()

    again = start(started, path, context=8192)
    restored(again, "c", state)
    assert Talk(again, "c").evaluated([*turns[:2], "less"]) <= len("less") + FRAME + NEAR


def test_what_is_not_there_or_too_short_is_not_given_out(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["dense"], context=8192)
    assert saved(worker, "c") == b""
    worker.answer(2, *prompt(["a"]), max_tokens=1, conversation="c")
    assert saved(worker, "c") == b""
    assert saved(worker, "") == b""


def test_a_state_that_does_not_fit_is_of_no_use_and_harms_nothing(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["dense"], context=8192)
    talk = Talk(worker, "c")
    turns = ["tell me something long " * 30]
    talk.ask(turns)
    state = saved(worker, "c")
    for bad in (b"\0" * 5000, state[:-1], state + b"x", b"hst1" + b"\xff" * 100):
        assert restored(worker, "c", bad) == 0
    assert talk.evaluated(turns) <= NEAR
    small = start(started, models["dense"], context=512)
    assert restored(small, "c", state) == 0
    other = start(started, models["hybrid"], context=8192)
    assert restored(other, "c", state) == 0
    assert Talk(other, "c").evaluated(turns) > 600


def test_history_is_read_while_nobody_waits(started: list[Worker], path: Path) -> None:
    worker = start(started, path, context=8192)
    talk = Talk(worker, "c")
    turns = ["tell me something long " * 30]
    talk.ask(turns)
    # The answer of the history is another than the one in memory, as when thoughts leave.
    turns += [talk.answer[WORDS // 2 :] + " and more" * 40]
    certain = prompt([*turns, "?"])[:-2]
    worker.tell(ReadAhead(700, "c", certain))
    assert worker.until(HasRead).tokens > 300
    worker.tell(ReadAhead(701, "c", certain))
    assert worker.until(HasRead).tokens == 0
    asked = [*turns, "what now"]
    assert talk.evaluated(asked) <= len("what now") + FRAME + NEAR


def test_a_draft_is_read_but_its_end(started: list[Worker], path: Path) -> None:
    worker = start(started, path, context=8192)
    draft = "a long pasted text " * 40
    worker.tell(ReadAhead(700, "c", prompt([draft])[:-1], 8))
    assert worker.until(HasRead).tokens > len(draft) - 8
    talk = Talk(worker, "c")
    assert talk.evaluated([draft + "and its end"]) <= len("and its end") + FRAME + NEAR


def test_a_long_question_that_is_changed_in_its_midst_is_read_before_it_is_sent(
    started: list[Worker], path: Path
) -> None:
    worker = start(started, path, context=8192)
    talk = Talk(worker, "c")
    long = "something that was pasted " * 40
    talk.ask([long])
    changed = f"{long[:500]}X{long[501:]}"
    worker.tell(ReadAhead(700, "c", prompt([changed])[:-1], 8))
    assert worker.until(HasRead).tokens > 0
    assert talk.evaluated([changed]) <= 8 + FRAME + NEAR


def test_reading_ahead_gives_way_at_once(started: list[Worker], path: Path) -> None:
    worker = start(started, path, context=8192)
    long = prompt(["something very long " * 300])[:-1]
    worker.tell(ReadAhead(700, "c", long), Generate(701, prompt(["hi"]), GREEDY, WORDS, WORDS))
    told = worker.until(HasRead)
    assert told.tokens < 6000
    assert worker.until(Answered).usage.completion_tokens == WORDS
    worker.tell(ReadAhead(702, "c", long), ReadAhead(703, "c", prompt(["x" * 40])[:-1]))
    assert worker.until(HasRead).id == 702
    assert worker.until(HasRead).id == 703
    talk = Talk(worker, "c")
    assert talk.evaluated(["x" * 50]) <= 10 + FRAME + NEAR


def opened(
    folder: Path, path: Path, *, limit: int = 10**9
) -> tuple[EngineClient, Heard, StateFiles]:
    states = StateFiles(folder, bytes(32), lambda: limit)
    client = EngineClient(TemplateClient(), states=states)
    heard = Heard(client)
    assert isinstance(heard.end_of(client.load(path, LoadOptions(8192, threads=1))), Loaded)
    return client, heard, states


def asked(client: EngineClient, heard: Heard, turns: list[Turn], name: str) -> Finished:
    end = heard.end_of(client.generate(turns, ANSWER, name))
    assert isinstance(end, Finished)
    return end


def test_a_conversation_goes_on_at_once_after_a_restart(
    models: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "states"
    client, heard, _ = opened(folder, models["dense"])
    first = asked(client, heard, LONG, "c")
    assert first.timings.prefill_tokens > 1000
    asked(client, heard, [Turn(Role.USER, "another " * 60)], "d")
    client.close()
    assert len(list(folder.iterdir())) == 2

    client, heard, states = opened(folder, models["dense"])
    again = asked(client, heard, LONG, "c")
    assert again.timings.prefill_tokens <= NEAR
    assert asked(client, heard, LONG, "unknown").timings.prefill_tokens <= NEAR  # in memory now
    client.forget("c")
    client.close()
    assert states.read("c", "anything") is None

    client, heard, _ = opened(folder, models["hybrid"])
    assert asked(client, heard, LONG, "d").timings.prefill_tokens > 1000
    client.close()


def test_a_damaged_state_is_read_anew_and_removed(models: dict[str, Path], tmp_path: Path) -> None:
    client, heard, _ = opened(tmp_path / "states", models["dense"])
    asked(client, heard, LONG, "c")
    client.close()
    (kept,) = (tmp_path / "states").iterdir()
    data = bytearray(kept.read_bytes())
    data[-1] ^= 1
    kept.write_bytes(data)
    client, heard, _ = opened(tmp_path / "states", models["dense"])
    assert asked(client, heard, LONG, "c").timings.prefill_tokens > 1000
    client.forget("c")  # nor is it written again at the end
    client.close()
    assert list((tmp_path / "states").iterdir()) == []


def test_looking_at_a_conversation_fetches_it_and_writes_the_one_left(
    models: dict[str, Path], tmp_path: Path
) -> None:
    client, heard, _ = opened(tmp_path / "states", models["dense"])
    asked(client, heard, LONG, "c")
    client.close()
    client, heard, _ = opened(tmp_path / "states", models["dense"])
    asked(client, heard, [Turn(Role.USER, "another " * 60)], "d")
    answered = [*LONG, Turn(Role.ASSISTANT, "some answer " * 40)]
    client.read_ahead(answered, ANSWER, "c")
    deadline = time.monotonic() + 30
    while len(list((tmp_path / "states").glob("*.state"))) < 2:
        assert time.monotonic() < deadline, "the conversation that was left is not written"
        time.sleep(0.01)
    turns = [*answered, Turn(Role.USER, "hi")]
    assert asked(client, heard, turns, "c").timings.prefill_tokens < 1000
    client.close()


def test_a_cancel_does_not_wait_for_a_state(models: dict[str, Path], tmp_path: Path) -> None:
    client, heard, _ = opened(tmp_path / "states", models["dense"])
    asked(client, heard, LONG, "c")
    client.close()
    client, heard, _ = opened(tmp_path / "states", models["dense"])
    request = client.generate(LONG, ANSWER, "c")
    client.cancel(request)
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert end.reason is StopReason.CANCELLED
    assert isinstance(heard.end_of(client.generate(LONG, ANSWER, "c")), Finished)
    client.close()


def test_a_worker_that_dies_takes_nothing_with_it(models: dict[str, Path], tmp_path: Path) -> None:
    client, heard, _ = opened(tmp_path / "states", models["dense"])
    asked(client, heard, LONG, "c")
    assert client.worker_pid
    psutil.Process(client.worker_pid).kill()
    heard.wait(lambda: heard.states().count(EngineState.LOADED) == 3)
    assert asked(client, heard, LONG, "c").timings.prefill_tokens > 1000
    client.close()
    assert len(list((tmp_path / "states").iterdir())) == 1


def test_another_model_waits_until_the_state_is_kept(
    models: dict[str, Path], tmp_path: Path
) -> None:
    client, heard, _ = opened(tmp_path / "states", models["dense"])
    asked(client, heard, LONG, "c")
    load = client.load(models["hybrid"], LoadOptions(8192, threads=1))
    request = client.generate(LONG, ANSWER, "d")
    assert isinstance(heard.end_of(load), Loaded)
    assert isinstance(heard.end_of(request), Finished)
    gone = client.load(models["dense"], LoadOptions(8192, threads=1))
    client.cancel(gone)
    assert isinstance(heard.end_of(gone), Failed)
    assert isinstance(
        heard.end_of(client.load(models["dense"], LoadOptions(8192, threads=1))), Loaded
    )
    assert asked(client, heard, LONG, "c").timings.prefill_tokens <= NEAR
    client.close()
    assert len(list((tmp_path / "states").iterdir())) == 2
