"""What is asked about code: no code can end its own block, and changes are told from code."""

import pytest

from hanlin.domain.filling import Gap
from hanlin.services import coding
from hanlin.services.coding import CodeAction

GAPS = (
    ("def f():\n    return ", None, None, "def f():\n    return ", ""),
    ("a = <FILL_ME>\nb", None, None, "a = ", "\nb"),
    ("a = old\nb", 4, 7, "a = ", "\nb"),
    ("a = 😀", 4, None, "a = ", "😀"),
)


@pytest.mark.parametrize(("code", "first", "last", "prefix", "suffix"), GAPS)
def test_a_gap_is_the_selection_the_cursor_the_mark_or_the_end(
    code: str, first: int | None, last: int | None, prefix: str, suffix: str
) -> None:
    assert coding.gap_in(code, first, last) == Gap(prefix, suffix)


@pytest.mark.parametrize(
    ("text", "prefix", "suffix"),
    [
        ("def f(|):\n    x", "def f(", "):\n    x"),
        ("fix this:\n```python\na = |\nb\n```\nthanks", "a = ", "\nb\n"),
        ("```\nfirst\n```\n中文 `x`\n```js\nlet |", "let ", ""),
        ("```\nfirst\n```\nwords | more", "```\nfirst\n```\nwords ", " more"),
        ("```py|\nx\n```", "", "\nx\n"),
    ],
)
def test_a_gap_in_a_message_is_in_its_block_of_code(text: str, prefix: str, suffix: str) -> None:
    place = text.index("|")
    assert coding.gap_in_message(text.replace("|", ""), place, place) == Gap(prefix, suffix)


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
