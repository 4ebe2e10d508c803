"""The parser child, real and in its sandbox."""

from collections.abc import Iterator

import pytest

from hanlin.documents.client import DocumentClient
from hanlin.kernel.errors import KnownError


@pytest.fixture
def documents() -> Iterator[DocumentClient]:
    client = DocumentClient()
    yield client
    client.close()


def test_texts_go_out_and_a_new_file_comes_back(documents: DocumentClient) -> None:
    content = "# 你好\n\n世界\n".encode()
    assert documents.texts("a.md", content) == ["你好", "世界"]
    made = documents.build("a.md", content, ["Hello", None], bilingual=False)
    assert made.decode() == "# Hello\n\n世界\n"


def test_a_bad_file_is_named_and_the_next_one_is_read(documents: DocumentClient) -> None:
    with pytest.raises(KnownError, match="damaged"):
        documents.texts("a.docx", b"PK\x03\x04 no")
    with pytest.raises(KnownError, match="password"):
        documents.texts("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert documents.texts("a.txt", b"x") == ["x"]


def test_a_translation_memory_is_read_in_the_child(documents: DocumentClient) -> None:
    content = (
        '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>cat</seg></tuv>'
        '<tuv xml:lang="zh"><seg>猫</seg></tuv></tu></body></tmx>'
    ).encode()
    assert documents.pairs("a.tmx", content) == [("en", "zh", "cat", "猫")]
    with pytest.raises(KnownError, match="damaged"):
        documents.pairs("a.tmx", b"<tmx>")
