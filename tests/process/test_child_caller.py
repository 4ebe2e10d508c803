"""Asking a child one question at a time: late, dying and broken ones are replaced."""

import signal
import threading
from collections.abc import Iterator

import pytest

from hanlin.processes import caller as caller_module
from hanlin.processes.caller import (
    Caller,
    CallerDiedError,
    CallError,
    CallFailedError,
    CallTimedOutError,
    end_all,
)
from hanlin.processes.channel import Message
from hanlin.processes.command import build
from hanlin.processes.process import ChildProcess
from hanlin_fakes import scripted_child

SECONDS = 60.0


@pytest.fixture
def caller() -> Iterator[Caller]:
    caller = Caller(scripted_child.command())
    yield caller
    caller.close()


def echo(caller: Caller, text: str) -> object:
    return caller.call({"command": "echo", "text": text}, seconds=SECONDS).message["text"]


def test_question_and_answer(caller: Caller) -> None:
    received = caller.call({"command": "echo", "text": "你好"}, b"\x00", seconds=SECONDS)
    assert (received.message["text"], received.payload) == ("你好", b"\x00")


def test_one_child_answers_all_questions(caller: Caller) -> None:
    numbers = {process_number(caller) for _ in range(5)}
    assert len(numbers) == 1


def process_number(caller: Caller) -> str:
    status = caller.call({"command": "environment"}, seconds=SECONDS).message["status"]
    return next(line for line in str(status).splitlines() if line.startswith("Pid:"))


def test_a_failure_is_told_and_keeps_the_child(caller: Caller) -> None:
    before = process_number(caller)
    with pytest.raises(CallFailedError) as caught:
        caller.call({"command": "fail"}, seconds=SECONDS)
    assert (caught.value.error, caught.value.detail) == ("ValueError", "as told")
    assert process_number(caller) == before


def test_a_late_child_is_replaced(caller: Caller) -> None:
    before = process_number(caller)
    with pytest.raises(CallTimedOutError):
        caller.call({"command": "ponder"}, seconds=0.05)
    assert echo(caller, "again") == "again"
    assert process_number(caller) != before


@pytest.mark.parametrize(
    ("message", "number", "fault"),
    [
        ({"command": "crash", "signal": int(signal.SIGSEGV)}, signal.SIGSEGV, False),
        ({"command": "leave", "status": 3}, None, False),
        ({"command": "garbage"}, signal.SIGKILL, True),
    ],
)
def test_a_dead_child_is_replaced(
    caller: Caller, message: Message, number: int | None, *, fault: bool
) -> None:
    with pytest.raises(CallerDiedError) as caught:
        caller.call(message, seconds=SECONDS)
    assert caught.value.report.signal == number
    assert bool(caught.value.report.fault) is fault
    assert echo(caller, "again") == "again"


def test_a_child_that_says_something_else_is_replaced(caller: Caller) -> None:
    before = process_number(caller)
    with pytest.raises(CallError, match="hanging"):
        caller.call({"command": "hang"}, seconds=SECONDS)
    assert process_number(caller) != before


def test_a_child_that_never_stops_talking_is_ended() -> None:
    """One that foreign bytes broke into must not fill our memory while nobody asks it anything."""
    child = caller_module._Answering(scripted_child.command())
    child.process.start()
    child.process.send({"command": "flood", "count": 1_000})
    assert child.process.wait(SECONDS)
    assert child.inbox.qsize() < 1_000


def test_a_child_that_never_begins_is_an_error_with_its_last_words() -> None:
    caller = Caller(build("no-such-kind"))
    for _ in range(2):
        with pytest.raises(CallerDiedError) as caught:
            caller.call({"command": "echo"}, seconds=SECONDS)
        assert "no-such-kind" in caught.value.report.last_lines[-1]
    caller.close()


def test_a_prepared_child_is_the_one_that_answers(caller: Caller) -> None:
    started: list[ChildProcess] = []
    start = ChildProcess.start

    def noted(child: ChildProcess) -> None:
        started.append(child)
        start(child)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChildProcess, "start", noted)
        caller.prepare()
        caller.prepare()
        assert len(started) == 1
        assert echo(caller, "x") == "x"
    assert len(started) == 1


def test_a_prepared_child_that_never_begins_is_told_to_who_asks() -> None:
    caller = Caller(build("no-such-kind"))
    caller.prepare()
    with pytest.raises(CallerDiedError):
        caller.call({"command": "echo"}, seconds=SECONDS)
    caller.close()
    caller.prepare()  # too late, and no child is left behind


def test_it_knows_its_childs_sandbox(caller: Caller) -> None:
    report = caller.sandbox()
    assert report.complete or report.reason


def test_questions_from_many_threads_wait_for_each_other(caller: Caller) -> None:
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda text=str(number): answers.append(echo(caller, text)))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert sorted(map(str, answers)) == sorted(map(str, range(20)))


def test_closed_it_refuses(caller: Caller) -> None:
    assert echo(caller, "x") == "x"
    caller.close()
    caller.close()
    with pytest.raises(CallError, match="closed"):
        echo(caller, "x")


def test_at_the_end_of_the_program_nobody_waits_for_a_child(caller: Caller) -> None:
    failed: list[CallError] = []

    def ask() -> None:
        try:
            caller.call({"command": "ponder"}, seconds=SECONDS)
        except CallError as error:
            failed.append(error)

    waiting = threading.Thread(target=ask)
    waiting.start()
    while waiting.is_alive():  # it may not have begun to wait when the others were ended
        end_all().join(SECONDS)
    assert isinstance(failed[0], CallerDiedError)
