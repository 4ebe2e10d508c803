"""Answers are found again in the tokens they were written with."""

import pytest

from hanlin.engine.worker.prompt import Written

PIECES = [
    *(b"", b"<think>", b"x", b"</think>", b"\n\n", b"he", b"l", b"lo", b" ", "你".encode()),
    *(b"l\n\n", "你".encode()[:2], "你\n".encode()[2:]),
]
THINK, X, CLOSE, LINES, HE, L, LO, SPACE, YOU, L_LINES, HALF, REST_LINE = range(1, 13)


def piece(token: int) -> bytes:
    return PIECES[token]


def spell(text: str) -> list[int]:
    return [PIECES.index(text.encode())]


@pytest.mark.parametrize(
    ("text", "tokens", "found"),
    [
        ("hello", [HE, L, LO], [HE, L, LO]),
        ("hello", [THINK, X, CLOSE, LINES, HE, L, LO], [HE, L, LO]),
        ("hello\n\n", [HE, L, LO, LINES], [HE, L, LO]),
        ("hello", [HE, 0, L, LO, 0], [HE, 0, L, LO]),
        (" 你", [SPACE, YOU], [YOU]),
        ("llo", [HE, L, LO], [L, LO]),
        ("o", [HE, L, LO], None),  # begins inside a token
        ("hel", [HE, LO], [HE, L]),  # ends inside a token
        ("x he", [X, SPACE, HE, LINES], [X, SPACE, HE]),
        ("hel\n\n", [HE, L_LINES], [HE, L]),
        ("hel\n", [X, LINES, HE, L_LINES, 0], [HE, L]),
        ("你\n", [HALF, REST_LINE], None),
        ("hello!", [HE, L, LO], None),
        ("", [HE], None),
    ],
)
def test_texts_and_tokens(text: str, tokens: list[int], found: list[int] | None) -> None:
    written = Written(piece, spell)
    written.remember(text, tokens)
    assert written.tokens_of(text.strip()) == found


def test_only_the_last_answers_are_remembered() -> None:
    written = Written(piece, spell)
    for number in range(600):
        written.remember("x" * (number + 1), [X] * (number + 1))
    assert written.tokens_of("x") is None
    assert written.tokens_of("x" * 600) == [X] * 600


def test_an_answer_is_found_where_its_last_token_was_another() -> None:
    written = Written(piece, spell)
    tokens = [X, HE, LO, SPACE, X, HE, LO, SPACE, HE, L_LINES]
    written.remember("xhello xhello hel\n\n".replace("hello", "helo"), tokens)
    assert written.tokens_of("xhelo xhelo hel") == [*tokens[:-1], L]
    assert list(written.within([YOU, *tokens, YOU])) == ["xhelo xhelo hel"]
    assert not written.within([YOU, *tokens[1:], YOU])


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        ("hello", [HE, L, LO]),
        ("hel", [HE, L]),
        ("he", [HE]),
        ("hell", [HE, L, L]),
        ("hello!", None),
        ("lo", None),
        ("", None),
    ],
)
def test_what_a_reader_got_of_a_cut_answer_is_found(seen: str, found: list[int] | None) -> None:
    written = Written(piece, spell)
    tokens = [HE, L, LO, SPACE, HE, L, LO]
    written.remember("hello hello", tokens)
    assert written.tokens_of(seen) is None, "one at its end was seen whole"
    written.remember("hello hello", tokens, cut=True)
    assert written.tokens_of(seen) == found
    assert written.tokens_of("hello hello") == tokens
    assert (seen in written.within(tokens)) is bool(found)


def test_a_cut_answer_is_gone_on_with_as_it_was_written() -> None:
    written = Written(piece, spell)
    written.remember("hel\n\n", [HE, L_LINES], cut=True)
    assert written.tokens_of("hel\n\n") == [HE, L_LINES]
    assert written.tokens_of("hel") == [HE, L]
