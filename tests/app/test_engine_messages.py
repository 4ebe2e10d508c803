"""Every failure has a title, what happened, and what to do."""

import signal
from pathlib import Path

import pytest

from hanlin.engine import messages
from hanlin.engine.protocol import Code
from hanlin.kernel.errors import HanlinError
from hanlin.processes.process import ExitReport

MODEL = Path("/somewhere/模型.gguf")


def exit_report(*, code: int | None = None, by: int | None = None, fault: str = "") -> ExitReport:
    return ExitReport(code=code, signal=by, asked=False, fault=fault, last_lines=())


def complete(error: HanlinError) -> bool:
    return bool(error.title and error.message and error.hint) and "{" not in str(error)


@pytest.mark.parametrize("code", Code)
def test_every_refusal_is_said(code: Code) -> None:
    assert complete(messages.refused(code, "detail", MODEL))


@pytest.mark.parametrize("code", [Code.MISSING, Code.EMPTY, Code.HTML, Code.DAMAGED, Code.MEMORY])
def test_a_refused_file_is_named_without_its_folder(code: Code) -> None:
    error = messages.refused(code, "", MODEL)
    assert "模型.gguf" in error.message
    assert "/somewhere" not in str(error)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (exit_report(by=signal.SIGKILL), "memory"),
        (exit_report(by=signal.SIGSEGV), "SIGSEGV"),
        (exit_report(by=signal.SIGBUS), "file"),
        (exit_report(by=signal.SIGHUP), "signal 1"),
        (exit_report(code=3), "status 3"),
        (exit_report(by=signal.SIGKILL, fault="no JSON"), "no sense"),
    ],
)
def test_a_death_is_told_in_words(report: ExitReport, words: str) -> None:
    assert words in messages.died(report).message
    assert words in messages.died_loading(report).message
    assert complete(messages.died(report))
    assert complete(messages.died_loading(report))


@pytest.mark.parametrize(("by", "blamed"), [(signal.SIGKILL, False), (signal.SIGSEGV, True)])
def test_a_file_is_blamed_for_a_crash_only(by: int, *, blamed: bool) -> None:
    hint = messages.died_loading(exit_report(by=by)).hint
    assert ("damaged" in hint, "again" in hint) == (blamed, True)


def test_a_text_too_long_is_told_with_figures() -> None:
    error = messages.too_long(9009, 1024)
    assert "9,009" in error.message
    assert "1,024" in error.message
    assert complete(error)


def test_the_others_are_complete_too() -> None:
    for error in (
        messages.hung(),
        messages.hung_loading(),
        messages.dead(),
        messages.load_cancelled(),
        messages.not_loaded(),
        messages.busy(),
    ):
        assert complete(error)
