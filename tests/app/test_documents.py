"""Files whose texts are exchanged: everything else stays, byte by byte where it can."""

import io
import random
import zipfile
from collections.abc import Callable

import pytest

from hanlin.documents.encodings import decode
from hanlin.documents.reading import read
from hanlin.documents.splicing import UnreadableError


def changed(
    name: str, source: str | bytes, *, bilingual: bool = False, by: Callable[[str], str] = str.upper
) -> str:
    content = source.encode() if isinstance(source, str) else source
    document = read(name, content)
    targets = [by(unit.text) for unit in document.units]
    return document.build(targets, bilingual=bilingual).decode()


def texts(name: str, source: str | bytes) -> list[str]:
    content = source.encode() if isinstance(source, str) else source
    return [unit.text for unit in read(name, content).units]


SAMPLES = {
    "a.txt": "one\n\n  two  \r\n",
    "a.md": "# One\n\n- two\n  more\n- [x] three\n\n| a | b |\n|---|:-:|\n| c | d |\n\n"
    "```py\ncode\n```\n",
    "a.srt": "1\r\n00:00:01,000 --> 00:00:02,000\r\nHello there.\r\nBye.\r\n\r\n2\r\n"
    "00:00:03,000 --> 00:00:04,000\r\n<i>x</i>\r\n",
    "a.vtt": "WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:02.000 align:start\nHello\n",
    "a.ass": "[Events]\nFormat: Layer, Start\n"
    "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\i1}Hello\\Nyou, me\n",
    "a.html": '<!DOCTYPE html><html><head><title>One</title><style>p{color:red}</style></head>'
    '<body><p>Two <b>bold</b> &amp; more.</p><pre>code</pre><p translate="no">no</p>tail</body>',
    "a.json": '{"key": "Some text", "id": "page-1", "list": ["A \\"b\\"", 3, true]}',
    "a.properties": "# note\nkey.one = Some \\\n   text\nother:\\u4f60\\u597d\n",
    "a.strings": '/* note */\n"key" = "Some \\"text\\"";\n',
    "a.po": 'msgid ""\nmsgstr "Language: x\\n"\n\n#: a.py\nmsgid "One"\n"two\\n"\nmsgstr ""\n\n'
    'msgid "done"\nmsgstr "fertig"\n\nmsgid "%d a"\nmsgid_plural "%d b"\n'
    'msgstr[0] ""\nmsgstr[1] ""\n',
    "a.xlf": '<?xml version="1.0"?><xliff version="1.2"><file><body>'
    '<trans-unit id="1"><source>One <g id="1">x</g></source></trans-unit>'
    '<trans-unit id="2"><source>Two</source><target/></trans-unit>'
    '<trans-unit id="3"><source>Done</source><target>Fertig</target></trans-unit>'
    '<trans-unit id="4" translate="no"><source>Kept</source></trans-unit></body></file></xliff>',
    "b.xlf": '<?xml version="1.0"?><xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" '
    'version="2.0" srcLang="en"><file id="f"><unit id="1"><notes><note>x</note></notes>'
    '<segment><source>One <pc id="1">x</pc></source></segment>'
    "<ignorable><source> </source></ignorable><segment>"
    '<source>Two<ph id="2"/></source><target/></segment></unit><unit id="2" translate="no">'
    "<segment><source>Kept</source></segment></unit></file></xliff>",
    "a.ts": '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n<TS version="2.1" '
    'language="zh_CN"><context><name>Window</name><message><location filename="a.cpp" line="1"/>'
    '<source>&amp;Open %1…</source><translation type="unfinished"></translation></message>'
    '<message numerus="yes"><source>%n file(s)</source><translation type="unfinished">'
    "<numerusform></numerusform></translation></message><message><source>Done</source>"
    '<translation>完成</translation></message><message><source>Gone</source><translation '
    'type="vanished"/></message></context></TS>',
    "strings.xml": '<resources><string name="a">It\\\'s</string>'
    '<string name="b" translatable="false">x</string></resources>',
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_with_its_own_texts_a_file_is_what_it_was(name: str) -> None:
    source = SAMPLES[name]
    document = read(name, source.encode())
    assert document.units
    assert document.build([None] * len(document.units), bilingual=False) == source.encode()


def test_what_is_text_and_what_is_not() -> None:
    assert texts("a.txt", SAMPLES["a.txt"]) == ["one", "two"]
    assert texts("a.md", SAMPLES["a.md"]) == ["One", "two more", "three", "a", "b", "c", "d"]
    assert texts("a.srt", SAMPLES["a.srt"]) == ["Hello there. Bye.", "<i>x</i>"]
    assert texts("a.vtt", SAMPLES["a.vtt"]) == ["Hello"]
    assert texts("a.ass", SAMPLES["a.ass"]) == ["{\\i1}Hello\\Nyou, me"]
    assert texts("a.html", SAMPLES["a.html"]) == ["One", "Two <b>bold</b> &amp; more.", "tail"]
    assert texts("a.json", SAMPLES["a.json"]) == ["Some text", 'A "b"']
    assert texts("a.properties", SAMPLES["a.properties"]) == ["Some text", "你好"]
    assert texts("a.strings", SAMPLES["a.strings"]) == ['Some "text"']
    assert texts("a.po", SAMPLES["a.po"]) == ["Onetwo\n", "%d a", "%d b"]
    assert texts("a.xlf", SAMPLES["a.xlf"]) == ['One <g id="1">x</g>', "Two"]
    assert texts("b.xlf", SAMPLES["b.xlf"]) == ['One <pc id="1">x</pc>', 'Two<ph id="2"/>']
    assert texts("a.ts", SAMPLES["a.ts"]) == ["Open %1…", "%n file(s)"]
    assert texts("strings.xml", SAMPLES["strings.xml"]) == ["It's"]


def test_new_texts_stand_where_the_old_ones_did() -> None:
    assert changed("a.txt", SAMPLES["a.txt"]) == "ONE\n\n  TWO  \r\n"
    assert changed("a.txt", "one\n", bilingual=True) == "one\nONE\n"
    assert changed("a.srt", SAMPLES["a.srt"]).count("-->") == 2
    assert "HELLO THERE. BYE.\r\n\r\n2" in changed("a.srt", SAMPLES["a.srt"])
    assert changed("a.json", SAMPLES["a.json"]).startswith('{"key": "SOME TEXT", "id": "page-1"')
    properties = changed("a.properties", SAMPLES["a.properties"])
    assert properties.endswith("key.one = SOME TEXT\nother:\\u4f60\\u597d\n")
    assert 'msgstr "ONETWO\\n"' in changed("a.po", SAMPLES["a.po"])
    assert 'msgstr "fertig"' in changed("a.po", SAMPLES["a.po"])
    made = changed("a.xlf", SAMPLES["a.xlf"], by=lambda text: text.replace("One", "Eins & <"))
    assert '</source><target>Eins &amp; &lt; <g id="1">x</g></target></trans-unit>' in made
    assert "<source>Two</source><target>Two</target></trans-unit>" in made
    assert "It\\'s" in changed("strings.xml", SAMPLES["strings.xml"], by=str)


def test_xliff_2_says_which_language_it_is_in_now() -> None:
    document = read("b.xlf", SAMPLES["b.xlf"].encode(), "zh-Hant")
    made = document.build(['一 <pc id="1">甲</pc>', '二<ph id="2"/>'], bilingual=False).decode()
    assert made.count('trgLang="zh-Hant"') == 1
    assert made.count("<target>") == 2
    assert '</source><target>二<ph id="2"/></target></segment></unit>' in made
    again = read("b.xlf", made.encode(), "ja")
    assert not again.units


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("zh_CN", "打开 %1…", "打开 %1(&amp;O)…"),
        ("fr", "Fichier à ouvrir %1…", "Fichier à &amp;ouvrir %1…"),
        ("tr", "A & B %1", "&amp;A &amp;&amp; B %1"),
    ],
)
def test_a_menu_of_qt_keeps_the_letter_that_opens_it(
    language: str, words: str, expected: str
) -> None:
    document = read("a.ts", SAMPLES["a.ts"].replace("zh_CN", language).encode())
    made = document.build([words, "%n x"], bilingual=True).decode()
    assert f'<translation type="unfinished">{expected}</translation>' in made
    assert "<numerusform>%n x</numerusform>" in made
    assert "<translation>完成</translation>" in made


def test_the_letter_behind_a_chinese_menu_goes_to_its_place() -> None:
    source = SAMPLES["a.ts"].replace("&amp;Open %1…", "打开(&amp;O)…").replace("zh_CN", "en")
    assert texts("a.ts", source) == ["打开…", "%n file(s)"]
    made = read("a.ts", source.encode()).build(["Open…", "%n"], bilingual=False).decode()
    assert ">&amp;Open…</translation>" in made


def test_what_else_ends_in_ts_is_no_file_of_qt() -> None:
    for content in (b"export const a: number = 1;\n", b"G" * 376, b""):
        with pytest.raises(UnreadableError, match="unknown"):
            read("a.ts", content)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5hkscs", "cp932", "euc_kr"]
)
def test_text_in_any_encoding_stays_in_it(encoding: str) -> None:
    words = {
        "cp932": "これは日本語の文章です。とても良い天気ですね。",
        "euc_kr": "이것은 한국어 문장입니다. 날씨가 매우 좋습니다.",
        "big5hkscs": "這是一個中文的句子，今天的天氣很好，我們去學校。",
    }.get(encoding, "这是一个中文的句子，今天的天气很好，我们去学校。")
    content = f"{words}\n".encode(encoding)
    decoded = decode(content)
    assert decoded.text == f"{words}\n"
    document = read("a.txt", content)
    assert document.build([None], bilingual=False) == content


def package(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        for name, content in parts.items():
            made.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return made.read(name).decode()


WORD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="w"><w:body><w:p>'
    "<w:r><w:t>Hello </w:t></w:r><w:r><w:t>big </w:t></w:r>"
    "<w:r><w:rPr><w:b/></w:rPr><w:t>world</w:t></w:r></w:p>"
    "<w:p><w:r><w:t>你好 &amp; 1 &lt; 2</w:t></w:r></w:p><w:p><w:r><w:t>123</w:t></w:r></w:p>"
    "</w:body></w:document>"
)


def test_runs_of_a_word_file_keep_their_styles() -> None:
    content = package(word__document=WORD)
    assert texts("a.docx", content) == ["Hello big <r1>world</r1>", "你好 & 1 < 2"]
    document = read("a.docx", content)
    made = document.build(["Hallo & <r1>Welt</r1>", "a < b"], bilingual=False)
    assert part(made, "word/document.xml") == (
        WORD.replace("<w:t>Hello ", '<w:t xml:space="preserve">Hallo &amp; ')
        .replace("big ", "")
        .replace("world", "Welt")
        .replace("你好 &amp; 1 &lt; 2", "a &lt; b")
    )


def _paragraph(*runs: str) -> str:
    return f'<w:document xmlns:w="w"><w:body><w:p>{"".join(runs)}</w:p></w:body></w:document>'


def _run(words: str, style: str = "") -> str:
    style = f"<w:rPr>{style}</w:rPr>" if style else ""
    return f'<w:r>{style}<w:t xml:space="preserve">{words}</w:t></w:r>'


BOLD, RED = "<w:b/>", '<w:color w:val="FF0000"/>'
MIXED = _paragraph(
    _run("我有一只"), _run("大狗", BOLD), _run("和一只"), _run("小猫", RED), _run("。")
)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (
            "I have a <r1>big dog</r1> and a <r3>cat</r3>.",
            [
                _run("I have a "), _run("big dog", BOLD), _run(" and a "), _run("cat", RED),
                _run("."),
            ],
        ),  # in the same order
        (
            "A <r3>cat</r3> and a <r1>big dog</r1> are mine.",
            [
                _run("A "), _run("cat", RED), _run(" and a "), _run("big dog", BOLD),
                _run(" are mine."),
            ],
        ),  # in another order: the runs change places
        (
            "I have a big dog and a <r3>cat</r3>.",
            [
                _run("I have a big dog and a "), _run("", BOLD), _run(""), _run("cat", RED),
                _run("."),
            ],
        ),  # one style has no words
        (
            "A, <r1>dog</r1>, b, <r3>cat</r3>, c, <r1>big</r1>, d",
            [
                _run("A, "), _run("dog", BOLD), _run(", b, "), _run("cat", RED),
                _run(", c, big, d"),
            ],
        ),  # a style that was used already
        ("Nothing else.", [
            _run("Nothing else."), _run("", BOLD), _run(""), _run("", RED), _run(""),
        ]),
        ("", [_run(""), _run("", BOLD), _run(""), _run("", RED), _run("")]),
    ],
)  # fmt: skip
def test_the_words_of_a_paragraph_find_their_runs(target: str, expected: list[str]) -> None:
    content = package(word__document=MIXED)
    assert texts("a.docx", content) == ["我有一只<r1>大狗</r1>和一只<r3>小猫</r3>。"]
    made = read("a.docx", content).build([target], bilingual=False)
    assert part(made, "word/document.xml") == _paragraph(*expected)


def test_words_before_and_behind_the_only_plain_run_get_a_run_of_their_own() -> None:
    content = package(word__document=_paragraph(_run("我有一只", RED), _run("狗", BOLD)))
    made = read("a.docx", content).build(["A <r1>dog</r1> is mine."], bilingual=False)
    expected = _paragraph(_run("A ", RED), _run("dog", BOLD), _run(" is mine.", RED))
    assert part(made, "word/document.xml") == expected


def test_a_link_moves_as_a_whole_and_keeps_its_words() -> None:
    link = '<w:hyperlink r:id="rId5">{}</w:hyperlink>'
    content = package(
        word__document=_paragraph(_run("请看"), link.format(_run("这里")), _run("的说明。"))
    )
    assert texts("a.docx", content) == ["请看<r1>这里</r1>的说明。"]
    made = read("a.docx", content).build(["See the notes <r1>here</r1>."], bilingual=False)
    expected = _paragraph(_run("See the notes "), link.format(_run("here")), _run("."))
    assert part(made, "word/document.xml") == expected


def test_what_a_spell_checker_left_behind_is_no_style() -> None:
    document = _paragraph(
        _run("你好", '<w:rFonts w:hint="eastAsia"/><w:lang w:val="zh-CN"/>'),
        _run("，世界", '<w:lang w:val="en-US"/>'),
        _run("。"),
    )
    assert texts("a.docx", package(word__document=document)) == ["你好，世界。"]


def test_runs_with_a_line_break_inside_stay_where_they_are() -> None:
    """Its second line belongs to another text: the run cannot change its place."""
    torn = "<w:r><w:rPr><w:b/></w:rPr><w:t>狗</w:t><w:br/><w:t>第二行</w:t></w:r>"
    document = _paragraph(_run("我有一只很大的"), torn)
    content = package(word__document=document)
    assert texts("a.docx", content) == ["我有一只很大的<r1>狗</r1>", "第二行"]
    made = read("a.docx", content).build(["<r1>A dog</r1> is mine.", "Line two"], bilingual=False)
    expected = document.replace("我有一只很大的", "A dog is mine.").replace(">狗<", "><")
    assert part(made, "word/document.xml") == expected.replace("第二行", "Line two")


def test_a_bilingual_word_file_has_both() -> None:
    document = read("a.docx", package(word__document=WORD))
    made = part(document.build([None, "a < b"], bilingual=True), "word/document.xml")
    added = '<w:r><w:br/><w:t xml:space="preserve">a &lt; b</w:t></w:r>'
    assert f"1 &lt; 2</w:t></w:r>{added}</w:p>" in made


def test_headings_of_tables_in_excel_stay() -> None:
    strings = "<sst><si><t>Name</t></si><si><t>Some text</t><rPh><t>x</t></rPh></si></sst>"
    table = '<table><tableColumns><tableColumn name="Name"/></tableColumns></table>'
    content = package(xl__sharedStrings=strings, xl__tables__table1=table)
    assert texts("a.xlsx", content) == ["Some text"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.docx", b"PK\x03\x04 and then nothing", "damaged"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected"),
        ("a.docx", package(word__document="<w:p><w:t>x"), "damaged"),
        ("a.exe", b"MZ", "unknown"),
        ("a.json", b'{"a": ', "damaged"),
        ("a.xlf", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "damaged"),
        ("a.txt", bytes(100), "damaged"),
        ("a.txt", random.Random(3).randbytes(3_000), "damaged"),
    ],
)
def test_files_that_cannot_be_read_are_named(name: str, content: bytes, code: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(name, content)
    assert caught.value.code == code


def test_damage_anywhere_is_found_before_the_file_is_translated() -> None:
    """It would be found when the translation is written, which may be hours later."""
    content = package(word__document=WORD, word__theme1="what nobody reads")
    assert read("a.docx", content).units
    with pytest.raises(UnreadableError, match="theme1"):
        read("a.docx", content.replace(b"what nobody reads", b"what nobody Reads"))
