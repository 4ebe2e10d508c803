"""Generated texts for benchmarks: Chinese and English, with the commoner words more often."""

import random
from typing import Final

COMMON: Final = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能"
    "下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加"
    "量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与"
    "关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者"
    "最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少"
    "图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光"
    "门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采"
    "转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节"
    "话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际"
    "商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精"
    "值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住"
    "调满县局照参红细引听该铁价严"
)
_VOCABULARY = (
    "the model answer question weather python function return value list string error file "
    "data table query search index memory graphics card driver install version translate "
    "sentence summary letter meeting report budget travel hotel recipe children school "
    "history science number system window button language simple example because however "
    "important different "
)
WORDS: Final = _VOCABULARY.split()


def generated(dice: random.Random, length: int) -> str:
    """Return about ``length`` characters; a character is the likelier the commoner it is."""
    pieces: list[str] = []
    size = 0
    while size < length:
        if dice.random() < 0.7:
            count = dice.randint(4, 16)
            piece = "".join(
                COMMON[int(len(COMMON) * dice.random() ** 2)] for _letter in range(count)
            ) + dice.choice("，。？")
        else:
            count = dice.randint(3, 9)
            piece = " ".join(dice.choice(WORDS) for _word in range(count)) + ". "
        pieces.append(piece)
        size += len(piece)
    return "".join(pieces)


def markdown_answer(dice: random.Random) -> str:
    """Return an answer as models write them: a heading, points, and sometimes code or a table."""
    pieces = [f"## {generated(dice, 10)}", generated(dice, 120)]
    pieces.append("\n".join(f"- **{generated(dice, 6)}** {generated(dice, 30)}" for _n in range(3)))
    kind = dice.random()
    if kind < 0.3:
        pieces.append("```python\ndef answer(x: int) -> int:\n    return x + 1\n```")
    elif kind < 0.5:
        pieces.append("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |")
    return "\n\n".join(pieces)
