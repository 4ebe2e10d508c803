"""Translation memories that come from other programs as TMX, and go to them."""

import pytest

from hanlin.documents.client import DocumentClient
from hanlin.documents.formats import tmx
from hanlin.documents.splicing import UnreadableError
from hanlin.domain.translation import Direction, Entry, Tone
from hanlin.kernel.errors import KnownError
from hanlin.services.translation import memory_files
from hanlin.services.translation.remembering import RunMemory

ZH_EN = Direction("zh", "en")
FOREIGN = """<?xml version="1.0" encoding="{encoding}"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en-US" segtype="sentence"/><body>
<tu><tuv xml:lang="EN-US"><seg>Press <bpt i="1">&lt;b&gt;</bpt>Start<ept i="1">&lt;/b&gt;</ept> &amp; wait<ph/>.</seg></tuv>
<tuv xml:lang="zh-CN"><seg>按“开始”并等待。</seg></tuv>
<tuv xml:lang="fr"><seg>Attendez.</seg></tuv></tu>
<tu><tuv xml:lang="de"><seg>Katze</seg></tuv><tuv xml:lang="zh-CN"><seg>猫</seg></tuv></tu>
<tu><tuv xml:lang="en-us"><seg> </seg></tuv><tuv xml:lang="zh-CN"><seg>空</seg></tuv></tu>
</body></tmx>
"""  # noqa: E501 - as such files are


class Documents(DocumentClient):
    """Reads in this process: the child has a test of its own."""

    def __init__(self) -> None:
        """Start nothing."""

    def pairs(self, name: str, content: bytes) -> list[tuple[str, str, str, str]]:
        del name
        return tmx.pairs(content)


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_what_other_programs_write_is_read(encoding: str) -> None:
    content = FOREIGN.format(encoding=encoding).encode(encoding)
    entries, unknown = memory_files.read(content, "a.tmx", Documents())
    assert not unknown
    assert entries == [
        Entry(Direction("en", "zh"), "Press Start & wait.", "按“开始”并等待。"),
        Entry(Direction("en", "fr"), "Press Start & wait.", "Attendez."),
        Entry(Direction("de", "zh"), "Katze", "猫"),
    ]


def test_a_project_of_omegat_is_read() -> None:
    content = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx11.dtd">
<tmx version="1.1">
  <header creationtool="OmegaT" o-tmf="OmegaT TMX" adminlang="EN-US" datatype="plaintext"
    creationtoolversion="6.0.1_0_deadbeef" segtype="sentence" srclang="EN-US"/>
  <body>
<!-- Default translations -->
    <tu>
      <tuv lang="EN-US"><seg>Save &lt;f0&gt;all&lt;/f0&gt;.</seg></tuv>
      <tuv lang="ZH-CN" changeid="me" changedate="20240101T000000Z" creationid="me"
        creationdate="20240101T000000Z"><seg>全部保存。</seg></tuv>
    </tu>
<!-- Alternative translations -->
    <tu><prop type="file">a.html</prop><prop type="id">7</prop>
      <tuv lang="EN-US"><seg>Save</seg></tuv><tuv lang="ZH-CN"><seg>保存</seg></tuv>
    </tu>
  </body>
</tmx>"""
    entries, unknown = memory_files.read(content.encode(), "project_save.tmx", Documents())
    assert not unknown
    assert entries == [
        Entry(Direction("en", "zh"), "Save <f0>all</f0>.", "全部保存。"),
        Entry(Direction("en", "zh"), "Save", "保存"),
    ]


def test_what_is_written_is_read_again() -> None:
    entries = [
        Entry(ZH_EN, "猫 < 狗 & “鼠”\x07", 'a "cat"'),
        Entry(Direction("en", "zh-Hant"), "software", "軟體"),
    ]
    back, unknown = memory_files.read(memory_files.write(entries), "a.tmx", Documents())
    assert not unknown
    assert back == [Entry(ZH_EN, "猫 < 狗 & “鼠”", 'a "cat"'), entries[1]]


def test_pairs_in_unknown_languages_are_counted() -> None:
    content = FOREIGN.replace('"fr"', '"tlh"').format(encoding="UTF-8").encode()
    entries, unknown = memory_files.read(content, "a.tmx", Documents())
    assert (len(entries), unknown) == (2, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"no xml",
        b"<html></html>",
        b'<!DOCTYPE tmx [<!ENTITY a "aaaa">]><tmx><body>&a;</body></tmx>',
        FOREIGN.format(encoding="UTF-8").encode()[:500],
    ],
)
def test_damaged_and_hostile_files_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableError, match="damaged"):
        tmx.pairs(content)


def test_a_memory_without_a_usable_pair_is_named() -> None:
    empty = b'<tmx version="1.4"><header srclang="en"/><body/></tmx>'
    with pytest.raises(KnownError, match=r"empty\.tmx"):
        memory_files.read(empty, "empty.tmx", Documents())


def test_a_given_memory_answers_for_every_model() -> None:
    memory = RunMemory()
    memory.teach([Entry(ZH_EN, "猫", "feline")])
    memory.learn(ZH_EN, "猫", "cat", "model", Tone.DEFAULT)
    assert memory.exact(ZH_EN, "猫", "other", Tone.FORMAL) == "feline"
    assert memory.exact(Direction("zh", "fr"), "猫", "other", Tone.FORMAL) is None
