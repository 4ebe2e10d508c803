"""The exact prompt of each family of models that can translate.

Hy-MT2's and HY-MT1.5's are their makers' own words, letter by letter. A model of a family
without a good format is not offered for translation. What comes back is checked elsewhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.domain.glossary import Term
from hanlin.domain.languages import CHINESE, HY_MT, LANGUAGES, Language
from hanlin.domain.models import Model, Origin
from hanlin.domain.translation import Direction, Tone


class Family(StrEnum):
    """How a model is asked to translate."""

    HY_MT2 = "hy-mt2"
    HY_MT15 = "hy-mt1.5"
    SAKURA = "sakura"
    STARTER = "starter"
    CHAT = "chat"
    """A general chat model, its thinking switched off."""
    NONE = "none"
    """No good format is known: not offered."""


@dataclass(frozen=True, slots=True)
class Order:
    """What one request asks for. ``background`` is what was said before, never translated."""

    text: str
    direction: Direction
    terms: tuple[Term, ...] = ()
    tone: Tone = Tone.DEFAULT
    background: str = ""
    marked: bool = False
    """Whether the text has marks (see ``masking``) that must come back."""
    again: bool = False
    """Whether this is the corrected try, which uses the family's other wording."""


_HY_MT2: Final = re.compile(r"hy[-_ ]?mt[-_ ]?2", re.IGNORECASE)
_HY_MT: Final = re.compile(r"(?:hunyuan|hy)[-_ ]?mt", re.IGNORECASE)
_SAKURA: Final = re.compile(r"sakura", re.IGNORECASE)
# Broken as GGUF, merging several candidates, no chat, or thinking that cannot be switched off.
_UNFIT: Final = re.compile(
    r"seed-x|chimera|madlad|nllb|[-_ ]base\b|embed|rerank|coder-fim|guard|"
    r"\br1\b|-r1-|qwq|thinking|reasoner|marco-o1|-ocr|tts|whisper",
    re.IGNORECASE,
)
_NO_GENERATION: Final = frozenset({"bert", "nomic-bert", "t5", "t5encoder", "clip", "mmproj"})
_PLAIN: Final = Sampling(temperature=0.2, top_k=20, top_p=0.8)
_EXACT: Final = Sampling(temperature=0.0, top_k=1, top_p=1.0)
_PARTING: Final = 0.8
"""The temperature at which alternatives part from each other."""

_NAMES: Final = (("安娜", "Anna"), ("小明", "Xiao Ming"))
_STYLES: Final = {
    Tone.FORMAL: ("正式、书面", "formal and polite"),
    Tone.PLAIN: ("通俗易懂、口语化", "plain, simple and conversational"),
    Tone.LITERAL: ("忠实直译，不增不减", "literal, as close to the source as possible"),
}


def family_of(model: Model) -> Family:
    """Return how ``model`` is asked, NONE when it is not to be offered."""
    names = f"{model.name} {model.path.name}"
    if model.origin is Origin.STARTER:
        return Family.STARTER
    if model.architecture in _NO_GENERATION or _UNFIT.search(names):
        return Family.NONE
    if _HY_MT2.search(names):
        return Family.HY_MT2
    if _HY_MT.search(names):
        return Family.HY_MT15
    return Family.SAKURA if _SAKURA.search(names) else Family.CHAT


def sources_of(family: Family) -> tuple[str, ...]:
    """Return the codes of the languages that a family reads."""
    return {
        Family.HY_MT2: HY_MT,
        Family.HY_MT15: HY_MT,
        Family.SAKURA: ("ja",),
        Family.STARTER: ("zh", "en"),
        Family.NONE: (),
        Family.CHAT: tuple(LANGUAGES),
    }[family]


def targets_of(family: Family) -> tuple[str, ...]:
    """Return the codes of the languages that a family writes."""
    return ("zh",) if family is Family.SAKURA else sources_of(family)


def keeps_marks(family: Family) -> bool:
    """Tell whether a family copies marks that it has never seen."""
    return family not in (Family.STARTER, Family.SAKURA)


def stand_ins(family: Family, direction: Direction) -> tuple[tuple[str, str], ...]:
    """Return names that a family translates as names, with what it makes of them.

    A family that does not copy marks is given such a name in the place of a placeholder.
    """
    if family is not Family.STARTER:
        return ()
    return tuple(pair if direction.source == "zh" else pair[::-1] for pair in _NAMES)


def mixes_terms_up(family: Family) -> bool:
    """Tell whether a family puts one of several terms in the place of another.

    Its corrected try is asked for the terms that it missed alone.
    """
    return family is Family.STARTER


def knows_sentences_alone(family: Family) -> bool:
    """Tell whether a family makes sentences of headings."""
    return family is Family.STARTER


def takes_tone(family: Family) -> bool:
    """Tell whether a family can be told how to sound."""
    return family in (Family.HY_MT2, Family.CHAT)


def takes_background(family: Family) -> bool:
    """Tell whether a family can be told what was said before."""
    return family in (Family.HY_MT2, Family.HY_MT15, Family.CHAT)


def turns(family: Family, order: Order) -> list[Turn]:
    """Return the turns that ask a model of ``family`` for ``order``."""
    if family is Family.HY_MT2:
        return [Turn(Role.USER, _hy_mt2(order))]
    if family is Family.HY_MT15:
        return [Turn(Role.USER, _hy_mt15(order))]
    if family is Family.SAKURA:
        return [Turn(Role.SYSTEM, _SAKURA_SYSTEM), Turn(Role.USER, _sakura(order))]
    if family is Family.STARTER:
        return [Turn(Role.USER, _starter(order))]
    return [Turn(Role.SYSTEM, _chat_system(order)), Turn(Role.USER, order.text)]


def options(
    family: Family, advice: Sampling | None, *, most: int, exact: bool = False, variant: int = 0
) -> GenerationOptions:
    """Return how an answer is sampled: the maker's way, ``exact`` for a corrected try.

    ``variant`` above 0 asks for another translation than the one before. The same request
    gives the same answer: the seed is fixed. ``most`` is the number of tokens at most.
    """
    sampling = advice or (_EXACT if family is Family.STARTER else _PLAIN)
    if family is Family.CHAT:
        sampling = replace(sampling, temperature=min(sampling.temperature, _PLAIN.temperature))
    if exact:
        sampling = replace(sampling, temperature=0.0)
    if variant:
        sampling = replace(sampling, temperature=_PARTING, top_k=40, top_p=0.95)
    thinking = False if family is Family.CHAT else None
    return GenerationOptions(replace(sampling, seed=variant), most, thinking, keep_all=True)


def _hy_mt2(order: Order) -> str:
    direction = order.direction
    if not order.again and (direction.source in CHINESE or direction.target in CHINESE):
        return _hy_mt2_chinese(order)
    target = _target(order).english
    terms = f"{_ENGLISH_TERMS}\n{_lines(order.terms, ' translates to ')}\n\n" if order.terms else ""
    if order.marked:
        return (
            f"{terms}Please accurately translate the following text into {target}.\n"
            "You must retain the exact same number of delimiters in the translation. Strictly do "
            "not omit, escape, or translate these symbols, and pay close attention to their "
            f"placement.\n\n{order.text}"
        )
    if order.tone is not Tone.DEFAULT:
        return (
            f"{terms}Please translate the following text into {target}. Note that the translation "
            f"style must strictly conform to [{_STYLES[order.tone][1]}]:\n\n{order.text}"
        )
    if terms:
        return f"{terms}{_english_request(order)}"
    if order.background:
        return (
            f"[Background Information]\n{order.background}\n\nPlease translate the following text "
            f"into {target}, taking the provided background information into consideration.\n\n"
            f"[Source Text]\n{order.text}"
        )
    return (
        f"Translate the following text into {target}. Note that you should only output the "
        f"translated result without any additional explanation:\n\n{order.text}"
    )


_ENGLISH_TERMS: Final = "Reference the following translations:"
_CHINESE_TERMS: Final = "参考下面的翻译："


def _english_request(order: Order) -> str:
    return (
        f"Translate the following text into {_target(order).english}. Note that you must ONLY "
        f"output the translated result without any additional explanation:\n\n{order.text}"
    )


def _hy_mt2_chinese(order: Order) -> str:
    target = _target(order).chinese
    terms = f"{_CHINESE_TERMS}\n{_lines(order.terms, ' 翻译成 ')}\n" if order.terms else ""
    if order.marked:
        return (
            f"{terms}请将以下文本准确翻译为 {target}。\n你必须在译文中保留等量的分隔符，绝对不可"
            f"遗漏、转义或翻译该符号，并注意分隔符的位置。\n\n{order.text}"
        )
    if order.tone is not Tone.DEFAULT:
        return (
            f"{terms}请将以下文本翻译为 {target}。\n注意翻译的风格要严格符合"
            f"【{_STYLES[order.tone][0]}】\n\n{order.text}"
        )
    if order.background and not terms:
        return (
            f"【背景信息】\n{order.background}\n\n请结合背景信息将以下文本翻译为 {target}。\n\n"
            f"【待翻译文本】\n{order.text}"
        )
    return (
        f"{terms}将以下文本翻译为 {target}，注意只需要输出翻译后的结果，不要额外解释："
        f"\n\n{order.text}"
    )


def _hy_mt15(order: Order) -> str:
    target = _target(order)
    chinese = order.direction.source in CHINESE or order.direction.target in CHINESE
    if order.terms:
        return (
            f"{_CHINESE_TERMS}\n{_lines(order.terms, ' 翻译成 ')}\n\n将以下文本翻译为"
            f"{target.chinese}，注意只需要输出翻译后的结果，不要额外解释：\n{order.text}"
        )
    if order.background:
        return (
            f"{order.background}\n参考上面的信息，把下面的文本翻译成{target.chinese}，"
            f"注意不需要翻译上文，也不要额外解释：\n{order.text}"
        )
    if chinese:
        return (
            f"将以下文本翻译为{target.chinese}，注意只需要输出翻译后的结果，不要额外解释："
            f"\n\n{order.text}"
        )
    return (
        f"Translate the following segment into {target.english}, without additional explanation."
        f"\n\n{order.text}"
    )


_SAKURA_SYSTEM: Final = (
    "你是一个轻小说翻译模型，可以流畅通顺地以日本轻小说的风格将日文翻译成简体中文，"
    "并联系上下文正确使用人称代词，不擅自添加原文中没有的代词。"
)


def _sakura(order: Order) -> str:
    if not order.terms:
        return f"将下面的日文文本翻译成中文：{order.text}"
    pairs = "\n".join(
        f"{term.source}->{term.target}" + (f" #{term.note}" if term.note else "")
        for term in order.terms
    )
    return (
        f"根据以下术语表（可以为空）：\n{pairs}\n"
        f"将下面的日文文本根据对应关系和备注翻译成中文：{order.text}"
    )


def _starter(order: Order) -> str:
    """Return what models/starter was trained on (its ``frames.txt``)."""
    target = _target(order)
    if order.again:
        terms = _lines(order.terms, " translates to ")
        lead = f"{_ENGLISH_TERMS}\n{terms}\n\n" if terms else ""
        return f"{lead}{_english_request(order)}"
    if order.terms:
        return (
            f"{_CHINESE_TERMS}\n{_lines(order.terms, ' 翻译成 ')}\n\n将以下文本翻译为"
            f"{target.chinese}，注意只需要输出翻译后的结果，不要额外解释：\n{order.text}"
        )
    return (
        f"将以下文本翻译为{target.chinese}，注意只需要输出翻译后的结果，不要额外解释："
        f"\n\n{order.text}"
    )


def _chat_system(order: Order) -> str:
    source = LANGUAGES[order.direction.source].english
    task = (
        f"You are a professional translator. Translate the user's text from {source} to "
        f"{_target(order).english}. Output only the translation. Keep markup, placeholders and "
        "line breaks."
    )
    sentences = [task]
    if order.marked:
        sentences.append("Copy each mark such as ⟦0⟧ exactly once, unchanged.")
    if order.tone is not Tone.DEFAULT:
        sentences.append(f"The style must be {_STYLES[order.tone][1]}.")
    if order.terms:
        pairs = "; ".join(f"{term.source} => {term.target}" for term in order.terms)
        sentences.append(f"Use this glossary: {pairs}.")
    if order.terms and order.again:
        words = ", ".join(f"“{term.target}”" for term in order.terms)
        sentences.append(f"These words must stand in the translation, letter by letter: {words}.")
    if order.background:
        sentences.append(
            f"What came before, as background, not to be translated:\n{order.background}"
        )
    return " ".join(sentences)


def _target(order: Order) -> Language:
    return LANGUAGES[order.direction.target]


def _lines(terms: Sequence[Term], joint: str) -> str:
    return "\n".join(f"{term.source}{joint}{term.target}" for term in terms)
