"""What is asked about code: no code can end its own block, and changes are told from code."""

import pytest

from hanlin.services import coding
from hanlin.services.coding import CodeAction

DIFF = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"


IN_WORDS = (CodeAction.REGEX, CodeAction.SQL)


@pytest.mark.parametrize("action", sorted(set(CodeAction) - {*IN_WORDS, CodeAction.COMMIT}))
def test_an_action_asks_with_the_code_as_a_block(action: CodeAction) -> None:
    question = coding.request(action, "x = 1\n", "python", "a.py")
    assert question.endswith("a.py:\n\n```python\nx = 1\n```")


@pytest.mark.parametrize("action", IN_WORDS)
def test_what_is_wanted_in_words_is_no_block(action: CodeAction) -> None:
    question = coding.request(action, "words with four letters\n")
    assert question.endswith("\n\nwords with four letters")


def test_a_message_is_asked_for_with_the_change() -> None:
    question = coding.request(CodeAction.COMMIT, DIFF)
    assert "imperative" in question
    assert question.endswith(f"```diff\n{DIFF}```")


def test_the_language_to_convert_to_is_named() -> None:
    assert "Convert this code to Rust." in coding.request(CodeAction.CONVERT, "x", target="Rust")


def test_code_with_fences_stays_in_its_block() -> None:
    assert coding.fenced("a\n````\nb", "md") == "`````md\na\n````\nb\n`````"


@pytest.mark.parametrize(
    ("text", "told"),
    [(DIFF, True), ("--- a/x\n+++ b/x\n", True), ("x = 1 - 2\n--- y\n", False), ("", False)],
)
def test_a_change_is_told_from_code(text: str, told: bool) -> None:  # noqa: FBT001
    assert coding.is_diff(text) is told


def test_a_change_is_reviewed_as_one() -> None:
    question = coding.request(CodeAction.REVIEW, DIFF)
    assert "change" in question
    assert "```diff\n" in question
