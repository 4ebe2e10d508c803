"""Sentences, languages, marks, terms and figures: everything around the model."""

import random
import string

import pytest

from hanlin.domain.generation import StopReason
from hanlin.domain.glossary import Term, checked, missing, occurring
from hanlin.domain.translation import Direction, Problem
from hanlin.services.translation import checking, converting, detecting, masking, measuring
from hanlin.services.translation.segmenting import joined, sentences

SENTENCES = """zh|今天天气很好，我们去公园吧。
zh-Hant|今天天氣很好，我們去公園吧。
yue|我哋今日去邊度食飯呀？
en|The weather is nice today.
ja|今日は天気がいいですね。
ko|오늘 날씨가 좋네요.
fr|Il fait beau aujourd'hui, nous allons au parc.
de|Das Wetter ist heute schön.
es|Hoy hace buen tiempo y vamos al parque.
pt|Hoje está um bom tempo, não é?
it|Oggi il tempo è bello, andiamo al parco.
nl|Het weer is vandaag mooi.
tr|Bugün hava çok güzel.
vi|Hôm nay thời tiết rất đẹp.
id|Cuaca hari ini sangat bagus karena tidak hujan, bisa jalan.
ms|Cuaca hari ini sangat baik kerana tidak hujan, boleh berjalan.
tl|Maganda ang panahon ngayon, pumunta tayo sa parke.
pl|Dzisiaj jest ładna pogoda.
cs|Dnes je hezké počasí, půjdeme do parku.
ru|Сегодня хорошая погода, мы пойдём в парк.
uk|Сьогодні гарна погода, ходімо в парк.
kk|Бүгін ауа райы жақсы, қала ішінде.
mn|Өнөөдөр цаг агаар сайхан байна.
ar|الطقس جميل اليوم.
fa|امروز هوا خوب است، بیا به پارک برویم.
ur|آج موسم اچھا ہے۔
ug|بۈگۈن ھاۋا ياخشى.
hi|आज मौसम अच्छा है।
mr|आज हवामान छान आहे.
he|מזג האוויר נאה היום.
th|วันนี้อากาศดี
km|ថ្ងៃនេះអាកាសធាតុល្អ។
my|ဒီနေ့ ရာသီဥတု ကောင်းတယ်။
bn|আজ আবহাওয়া ভালো।
ta|இன்று வானிலை நன்றாக உள்ளது.
te|ఈరోజు వాతావరణం బాగుంది.
gu|આજે હવામાન સારું છે.
bo|དེ་རིང་གནམ་གཤིས་ཡག་པོ་འདུག
zh|请打开 https://example.com/really/long/path 看 Python 教程
en|Please open 设置 and click the button to continue."""


@pytest.mark.parametrize("line", SENTENCES.splitlines())
def test_the_language_is_found(line: str) -> None:
    code, text = line.split("|")
    assert detecting.detect(text) == code
    assert detecting.fits(code, text)


def test_nothing_tells_the_language() -> None:
    assert detecting.detect("123 ... https://a.example/b", "de") == "de"
    assert detecting.detect("") == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            'Mr. Smith went to the U.S. on Jan. 5. He paid 3.50. "What?" she asked. Yes!',
            [
                "Mr. Smith went to the U.S. on Jan. 5.",
                "He paid 3.50.",
                '"What?" she asked.',
                "Yes!",
            ],
        ),
        ("他来了。真的吗？！是的……\n\n第二段。", ["他来了。", "真的吗？！", "是的……", "第二段。"]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("彼は「はい。」と言った。行こう！", ["彼は「はい。」と言った。", "行こう！"]),
        ("价格是3.14元。See e.g. chapter 2.", ["价格是3.14元。", "See e.g. chapter 2."]),
        ("1. First item. Second.", ["1. First item.", "Second."]),
        ("foo.bar() and v1.2.3 are names.", ["foo.bar() and v1.2.3 are names."]),
        ("क्या हाल है? मैं ठीक हूँ। धन्यवाद।", ["क्या हाल है?", "मैं ठीक हूँ।", "धन्यवाद।"]),
    ],
)
def test_sentences(text: str, found: list[str]) -> None:
    assert [one.text for one in sentences(text)] == found


def test_no_character_is_lost_between_sentences() -> None:
    dice = random.Random(1)
    letters = "aB。.！? \n\t“”\"'),，中文3.…\u3000e.g. Mr. ⟦0⟧"
    for _ in range(2_000):
        text = "".join(dice.choices(letters, k=dice.randint(0, 80)))
        assert joined(sentences(text, dice.choice((20, 1_500)))) == text


def test_a_long_sentence_is_broken_at_a_comma() -> None:
    parts = sentences("一二三四五，" * 50, 40)
    assert all(len(one.text) <= 40 for one in parts)
    assert all(one.text.endswith("，") for one in parts)


ITEMS = (
    "https://example.com/a?b=1&c=2#d", "http://a.b/c", "www.example.org/x", "me@example.com",
    "{name}", "{0}", "{{ user.name }}", "${HOME}", "%s", "%(count)d", "%1$s", "%{key}",
    "%1", "%L12", "%n",
    "<b>", "</b>", '<a href="x">', "<br/>", "`code()`", "$$x^2$$", "&nbsp;", "&#10;",
    r"C:\Users\me\file.txt", "/usr/share/doc", r"{\i1}", "<!-- note -->", "⟦7⟧",
)  # fmt: skip


def test_every_kind_of_item_is_taken_out_and_comes_back() -> None:
    for item in ITEMS:
        text = f"看 {item} 吧"
        masked = masking.mask(text)
        assert masked.items == (item,), item
        assert masked.text == "看 ⟦0⟧ 吧"
        assert masking.restore(masked.text, masked.items) == text


def test_ordinary_words_are_not_items() -> None:
    for text in (
        "50% of it, 100% sure",
        "I'm here; a < b and c > d",
        "he/she",
        "3/4",
        "（见下文）",
    ):
        assert not masking.mask(text).items, text


def test_lost_doubled_and_invented_marks_are_noticed() -> None:
    items = ("a", "b")
    assert masking.restore("⟦1⟧ x ⟦0⟧", items) == "b x a"
    assert masking.restore("⟦ 0 ⟧ [1]", items) == "a b"
    for answer in ("⟦0⟧", "⟦0⟧⟦0⟧⟦1⟧", "⟦0⟧⟦1⟧⟦2⟧", "x"):
        assert masking.restore(answer, items) is None


def test_numbers_are_compared() -> None:
    assert masking.same_numbers("共 1,234.5 元，第 3 页", "1234.5 yuan, page three")
    assert masking.same_numbers("٢٥", "25")
    assert masking.same_numbers("第三章有3只猫，4月5日", "Chapter 3 has three cats, on 5 April")
    assert not masking.same_numbers("25 apples", "52 个苹果")
    assert not masking.same_numbers("它有4条腿。", "It has 3 legs.")


def test_terms_longest_first_and_only_those_that_occur() -> None:
    terms = (Term("cat", "猫"), Term("cat food", "猫粮"), Term("dog", "狗"), Term("狗", "dog"))
    assert occurring(terms, "The cat food is here.") == (terms[1],)
    assert occurring(terms, "Cats eat cat food.") == (terms[1], terms[0])
    assert occurring(terms, "a category, concatenated") == ()
    assert occurring(terms, "那只狗在cat旁边") == (terms[0], terms[3])


def test_missed_terms_are_found_out() -> None:
    terms = (Term("猫", "cat"), Term("盒子", "box"))
    assert missing(terms, "The Cats are in boxes.") == ()
    assert missing(terms, "The category is there.") == terms
    assert missing((Term("box", "盒子"),), "这是盒子。") == ()


def test_bad_rows_of_a_glossary_are_named_and_the_rest_holds() -> None:
    rows = (Term(" a ", "b"), Term("", "x"), Term("A", "c"), Term("a", "b"), Term("d", ""))
    terms, problems = checked(rows)
    assert terms == (Term("a", "b"),)
    assert [(problem.row, problem.kind) for problem in problems] == [
        (2, "empty"), (3, "contradiction"), (4, "double"), (5, "empty"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "answer", "reason", "problem"),
    [
        ("你好吗？", "How are you?", StopReason.END, None),
        ("你好吗？", "  ", StopReason.END, Problem.EMPTY),
        ("你好吗？", "你好吗，今天过得怎么样？", StopReason.END, Problem.LANGUAGE),
        ("你好吗？", "How are you how", StopReason.LIMIT, Problem.ENDLESS),
        ("你好吗？", "How are you? " * 30, StopReason.END, Problem.ENDLESS),
        ("Python", "Python", StopReason.END, None),
        (
            "你会什么？",
            "This is beyond me; please switch to a real model.",
            StopReason.END,
            Problem.REFUSED,
        ),
    ],
)
def test_what_is_no_translation(
    source: str, answer: str, reason: StopReason, problem: Problem | None
) -> None:
    assert checking.problem(source, answer, Direction("zh", "en"), reason) is problem


def test_what_models_put_around_a_translation_goes() -> None:
    assert checking.cleaned("Translation: Hello.", "你好。") == "Hello."
    assert checking.cleaned("“Hello.”", "你好。") == "Hello."
    assert checking.cleaned("“Hello.”", "“你好。”") == "“Hello.”"
    assert checking.cleaned("译文：Hello.", "译文：你好。") == "译文：Hello."


def test_simplified_and_traditional_with_the_words_of_the_region() -> None:
    there = Direction("zh", "zh-Hant")
    assert converting.converts(there)
    assert converting.converted("鼠标和软件", there) == "滑鼠和軟體"
    assert converting.converted("滑鼠和軟體", there.reversed()) == "鼠标和软件"
    assert not converting.converts(Direction("zh", "en"))


def test_chrf_and_bleu_are_sacrebleus() -> None:
    # The numbers are those of sacrebleu 2.6.0: corpus_chrf, corpus_bleu (13a and zh).
    ours = ["The hat is cleaner, isn't it?", "He paid $3.50 in 2024 for tea-bags.", "Hello"]
    theirs = [
        "The hat is cleaner.",
        "He has paid $3.5 in 2024 for tea-bags, too.",
        "Hello there my friend",
    ]
    assert measuring.chrf(ours, theirs) == pytest.approx(59.472445813591946)
    assert measuring.bleu(ours, theirs, chinese=False) == pytest.approx(31.367180335571486)
    ours, theirs = (
        ["今天天气很好，我们去公园吧。", "我有 25 个 apple。"],
        ["今天的天气不错，我们去公园。", "我有25个苹果(apple)。"],
    )
    assert measuring.chrf(ours, theirs) == pytest.approx(38.905478197084726)
    assert measuring.bleu(ours, theirs, chinese=True) == pytest.approx(38.83010050256752)
    assert measuring.chrf([""], ["x"]) == 0.0


def test_random_texts_with_items_come_back_whole() -> None:
    dice = random.Random(2)
    for _ in range(1_000):
        words = ["".join(dice.choices(string.ascii_lowercase + "中文", k=5)) for _ in range(20)]
        text = "".join(f"{word} {dice.choice(ITEMS)} " for word in words)
        masked = masking.mask(text)
        assert len(masked.items) == 20
        assert masking.restore(masked.text, masked.items) == text
