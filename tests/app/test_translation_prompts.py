"""The prompts, letter by letter as the makers publish them."""

from pathlib import Path

import pytest

from hanlin.domain.conversation import Role
from hanlin.domain.generation import Sampling
from hanlin.domain.glossary import Term
from hanlin.domain.languages import HY_MT, LANGUAGES, find_language
from hanlin.domain.models import Model, Origin
from hanlin.domain.translation import Direction, Tone
from hanlin.services.translation import prompts
from hanlin.services.translation.prompts import Family, Order

EN_DE = Direction("en", "de")
EN_ZH = Direction("en", "zh")
ZH_EN = Direction("zh", "en")
JA_ZH = Direction("ja", "zh")
TERMS = (Term("wafer", "晶圆"), Term("overlay", "套刻"))


def only(family: Family, order: Order) -> str:
    (turn,) = prompts.turns(family, order)
    assert turn.role is Role.USER
    return turn.text


def test_hy_mt2_default() -> None:
    assert only(Family.HY_MT2, Order("Hello.", EN_DE)) == (
        "Translate the following text into German. Note that you should only output the "
        "translated result without any additional explanation:\n\nHello."
    )
    assert only(Family.HY_MT2, Order("你好。", ZH_EN)) == (
        "将以下文本翻译为 英语，注意只需要输出翻译后的结果，不要额外解释：\n\n你好。"
    )
    assert only(Family.HY_MT2, Order("Hi", Direction("en", "zh-Hant"))).startswith(
        "将以下文本翻译为 繁体中文，"
    )


def test_hy_mt2_terminology() -> None:
    assert only(Family.HY_MT2, Order("The wafer.", EN_DE, (Term("wafer", "Scheibe"),))) == (
        "Reference the following translations:\nwafer translates to Scheibe\n\nTranslate the "
        "following text into German. Note that you must ONLY output the translated result "
        "without any additional explanation:\n\nThe wafer."
    )
    assert only(Family.HY_MT2, Order("The wafer.", EN_ZH, TERMS)) == (
        "参考下面的翻译：\nwafer 翻译成 晶圆\noverlay 翻译成 套刻\n将以下文本翻译为 中文，"
        "注意只需要输出翻译后的结果，不要额外解释：\n\nThe wafer."
    )


def test_hy_mt2_style() -> None:
    assert only(Family.HY_MT2, Order("Hello.", EN_DE, tone=Tone.FORMAL)) == (
        "Please translate the following text into German. Note that the translation style must "
        "strictly conform to [formal and polite]:\n\nHello."
    )
    assert only(Family.HY_MT2, Order("Hello.", EN_ZH, tone=Tone.FORMAL)) == (
        "请将以下文本翻译为 中文。\n注意翻译的风格要严格符合【正式、书面】\n\nHello."
    )


def test_hy_mt2_marks() -> None:
    assert only(Family.HY_MT2, Order("⟦0⟧a", EN_DE, marked=True)) == (
        "Please accurately translate the following text into German.\nYou must retain the exact "
        "same number of delimiters in the translation. Strictly do not omit, escape, or "
        "translate these symbols, and pay close attention to their placement.\n\n⟦0⟧a"
    )


def test_hy_mt2_background() -> None:
    assert only(Family.HY_MT2, Order("It rains.", EN_DE, background="Monday.")) == (
        "[Background Information]\nMonday.\n\nPlease translate the following text into German, "
        "taking the provided background information into consideration.\n\n"
        "[Source Text]\nIt rains."
    )
    assert only(Family.HY_MT2, Order("It rains.", EN_ZH, background="Monday.")) == (
        "【背景信息】\nMonday.\n\n请结合背景信息将以下文本翻译为 中文。\n\n"
        "【待翻译文本】\nIt rains."
    )


def test_hy_mt15() -> None:
    assert only(Family.HY_MT15, Order("Hello.", EN_ZH)) == (
        "将以下文本翻译为中文，注意只需要输出翻译后的结果，不要额外解释：\n\nHello."
    )
    assert only(Family.HY_MT15, Order("Hello.", EN_DE)) == (
        "Translate the following segment into German, without additional explanation.\n\nHello."
    )
    assert only(Family.HY_MT15, Order("The wafer.", EN_ZH, TERMS[:1])) == (
        "参考下面的翻译：\nwafer 翻译成 晶圆\n\n将以下文本翻译为中文，"
        "注意只需要输出翻译后的结果，不要额外解释：\nThe wafer."
    )
    assert only(Family.HY_MT15, Order("It.", EN_ZH, background="Monday.")) == (
        "Monday.\n参考上面的信息，把下面的文本翻译成中文，注意不需要翻译上文，也不要额外解释：\nIt."
    )


def test_sakura() -> None:
    system, user = prompts.turns(Family.SAKURA, Order("猫だ。", JA_ZH, (Term("猫", "喵", "名"),)))
    assert system.role is Role.SYSTEM
    assert system.text.startswith("你是一个轻小说翻译模型")
    assert user.text == (
        "根据以下术语表（可以为空）：\n猫->喵 #名\n"
        "将下面的日文文本根据对应关系和备注翻译成中文：猫だ。"
    )


def test_the_starters_are_those_it_was_trained_on() -> None:
    frames = Path(__file__).parents[2] / "models/starter/data/frames.txt"
    trained = frames.read_text(encoding="utf-8")
    with_terms = only(Family.STARTER, Order("{x}", ZH_EN, (Term("猫", "dog"),)))
    frame = with_terms.replace("猫 翻译成 dog", "{terms}").replace("英语", "{language}")
    assert frame.replace("\n", "⏎") in trained
    plain = only(Family.STARTER, Order("{x}", EN_ZH)).replace("\n", "⏎")
    assert plain.replace("中文", "(中文| 中文|简体中文)") in trained
    again = only(Family.STARTER, Order("{x}", EN_ZH, (Term("cat", "狗"),), again=True))
    frame = again.replace("cat translates to 狗", "{terms}").replace("Chinese", "{language}")
    assert frame.replace("\n", "⏎") in trained


def test_a_general_model_does_not_think() -> None:
    order = Order("Hello.", EN_DE, (Term("a", "b"),))
    system, user = prompts.turns(Family.CHAT, order)
    assert system.text == (
        "You are a professional translator. Translate the user's text from English to German. "
        "Output only the translation. Keep markup, placeholders and line breaks. "
        "Use this glossary: a => b."
    )
    assert user.text == "Hello."
    options = prompts.options(Family.CHAT, Sampling(temperature=0.7), most=10)
    assert options.thinking is False
    assert options.sampling.temperature <= 0.3
    assert options.sampling.seed is not None


@pytest.mark.parametrize(
    ("name", "file", "architecture", "family"),
    [
        ("Hy-MT2 1.8B", "Hy-MT2-1.8B-Q4_K_M.gguf", "hunyuan-dense", Family.HY_MT2),
        ("x", "HY-MT2-7B-Q6_K.gguf", "hunyuan-dense", Family.HY_MT2),
        ("x", "Hy-MT2-30B-A3B-Q4_K_M.gguf", "hy_v3", Family.HY_MT2),
        ("x", "HY-MT1.5-1.8B-Q4_K_M.gguf", "hunyuan-dense", Family.HY_MT15),
        ("Hunyuan-MT 7B", "a.gguf", "hunyuan-dense", Family.HY_MT15),
        ("x", "Hunyuan-MT-Chimera-7B.gguf", "hunyuan-dense", Family.NONE),
        ("Seed-X-PPO 7B", "a.gguf", "llama", Family.NONE),
        ("x", "DeepSeek-R1-Distill-Qwen-7B.gguf", "qwen2", Family.NONE),
        ("x", "Qwen3-30B-A3B-Thinking-2507.gguf", "qwen3moe", Family.NONE),
        ("x", "bge-m3.gguf", "bert", Family.NONE),
        ("x", "Sakura-7B-Qwen2.5.gguf", "qwen2", Family.SAKURA),
        ("x", "Qwen3-4B-Q4_K_M.gguf", "qwen3", Family.CHAT),
        ("x", "GLM-4-9B-0414.gguf", "glm4", Family.CHAT),
        ("x", "MiniCPM4.1-8B.gguf", "minicpm", Family.CHAT),
    ],
)
def test_the_family_of_a_model(name: str, file: str, architecture: str, family: Family) -> None:
    model = Model("id", name, Path(file), Origin.ADDED, 1, architecture)
    assert prompts.family_of(model) is family
    assert bool(prompts.sources_of(family)) is (family is not Family.NONE)


def test_38_languages() -> None:
    assert len(HY_MT) == len(set(HY_MT)) == 38
    assert HY_MT[0] == "zh"
    assert HY_MT[-1] == "yue"
    for words in ("zh_CN", "中文", "Chinese"):
        assert find_language(words) is LANGUAGES["zh"]
    assert find_language("zh-TW") is LANGUAGES["zh-Hant"]
    assert find_language("de-AT") is LANGUAGES["de"]
    assert find_language("klingon") is None
