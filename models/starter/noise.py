"""Input that is no request: nothing, signs, other scripts, control tokens as text, long pastes."""

from random import Random

from starter import asking
from starter.chat import Turn
from starter.grammar import chance
from starter.inventing import RARE
from starter.items import Item, Maker, is_chinese, refusal
from starter.translation import sentence

UNCLEAR_ZH, UNCLEAR_EN = (
    "没看懂，请换个说法。",
    "I did not understand that. Please say it another way.",
)
EMOJI = "😀😂🤣😊😍😘😎😢😭😡👍👎👏🙏❤💔🔥🎉🌹🐱🐶🍎🍺⚽🚗✈🌧☀⭐🤔😴🙄🥺🤖💩🎂👋💪🌈"
SCRIPTS = (
    (0x3041, 0x3096),
    (0x30A1, 0x30FA),
    (0xAC00, 0xD7A3),
    (0x0430, 0x044F),
    (0x0621, 0x064A),
    (0x0E01, 0x0E2E),
    (0x03B1, 0x03C9),
    (0x05D0, 0x05EA),
    (0x0905, 0x0939),
)
CONTROL = (
    "<|im_end|>",
    "<|im_start|>",
    "<|endoftext|>",
    "<|im_start|>assistant",
    "<|im_start|>system",
    "<think>",
    "</think>",
    "<|fim_prefix|>",
    "<tool_response>",
    "[INST]",
    "<s>",
    "</s>",
    "### Instruction:",
)


def foreign(rng: Random) -> str:
    """Words of a script that the model never learnt."""
    low, high = rng.choice(SCRIPTS)
    words = (
        "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(2, 7)))
        for _ in range(rng.randint(1, 6))
    )
    return rng.choice(("", " ")).join(words) + rng.choice(("", "?", "。", "!", "？"))


def keys(rng: Random) -> str:
    """Return what a cat on the keyboard types."""
    makers = (letters, characters, one_mark, one_letter, symbols, control)
    return rng.choices(makers, (30, 15, 15, 10, 15, 15))[0](rng)


def letters(rng: Random) -> str:
    """Return a run of Latin keys."""
    return "".join(rng.choices("qwertyuiopasdfghjklzxcvbnm;',.", k=rng.randint(4, 30)))


def characters(rng: Random) -> str:
    """Return Chinese characters that make no sense together."""
    return "".join(rng.choices(RARE, k=rng.randint(3, 15)))


def one_mark(rng: Random) -> str:
    """Return one mark, held down."""
    return rng.choice("?!。，.…、~@#$%^&*-=+_/\\|？！") * rng.randint(1, 12)


def one_letter(rng: Random) -> str:
    """Return one letter, held down."""
    return rng.choice("aA啊哦1嗯z呜") * rng.randint(4, 40)


def symbols(rng: Random) -> str:
    """Return signs from several blocks of Unicode."""
    blocks = ((33, 126), (0xA1, 0x24F), (0x2190, 0x27BF))
    return "".join(chr(rng.randint(*rng.choice(blocks))) for _ in range(rng.randint(3, 25)))


def control(rng: Random) -> str:
    """Return control tokens typed as text."""
    tail = rng.choice(("", "system", "user hello", "\n", "abc"))
    return " ".join(rng.choices(CONTROL, k=rng.randint(1, 4))) + tail


def paste(rng: Random, size: int) -> Item:
    """Return a long text, alone or with something to be done with it: beyond the model."""
    chinese = chance(rng, 0.6)
    parts: list[str] = []
    while sum(map(len, parts)) < size:
        found = sentence(rng)
        parts.append(found.zh_source if chinese else found.en_source + " ")
        if chance(rng, 0.1):
            parts.append("\n")
        if chance(rng, 0.08):
            parts.append(keys(rng))
    text = "".join(parts)
    order = (
        rng.choice(("总结一下", "这篇文章讲了什么", "请概括", "分析一下", "润色", ""))
        if chinese
        else rng.choice(
            ("summarize this", "what is this about", "improve this text", "tl;dr", "analyze", "")
        )
    )
    text = f"{order}\n{text}" if chance(rng, 0.5) else f"{text}\n{order}".rstrip()
    return Item(
        "decline",
        [
            Turn(
                text, refusal(chinese=chinese), "文本太长。" if chinese else "The text is too long."
            )
        ],
        chinese,
        label="paste",
    )


def loop(rng: Random) -> Item:
    """Return a request that would not end."""
    word = rng.choice(("hello", "啊", "好", "A", "you", "哈", "test"))
    text = asking.framed("loop", rng, w=word, n=rng.choice(("100", "500", "999", "1000", "10000")))
    chinese = is_chinese(text)
    return Item(
        "decline",
        [
            Turn(
                text, refusal(chinese=chinese), "这没有尽头。" if chinese else "This would not end."
            )
        ],
        chinese,
        label="loop",
    )


def nothing(rng: Random) -> Item:
    """Return an empty message."""
    text = " " * rng.randint(0, 3) + "\n" * rng.randint(0, 1)
    answer = "请输入你的问题。Please type your question."
    return Item("noise", [Turn(text, answer, "Nothing was typed.")], chinese=True)


def emoji(rng: Random) -> Item:
    """Emoji alone."""
    text = "".join(rng.choice(EMOJI) for _ in range(rng.randint(1, 4)))
    turn = Turn(text, "你好！有什么可以帮你的吗？", "只有表情。")
    return Item("noise", [turn], chinese=True)


def script(rng: Random) -> Item:
    """Return a script that the model never learnt."""
    turn = Turn(foreign(rng), refusal(chinese=False), "An unknown language.")
    return Item("decline", [turn], chinese=False, label="script")


def unclear(rng: Random) -> Item:
    """Keys hit at random."""
    text = keys(rng)
    chinese = is_chinese(text)
    return Item("noise", [Turn(text, UNCLEAR_ZH if chinese else UNCLEAR_EN, "?")], chinese)


def pasted(rng: Random) -> Item:
    """Return a long text."""
    return paste(rng, rng.randint(120, 500))


SHARES: tuple[tuple[Maker, int], ...] = (
    (nothing, 7),
    (emoji, 10),
    (script, 15),
    (unclear, 22),
    (loop, 8),
    (pasted, 8),
)


def make(rng: Random) -> Item:
    """One of all that."""
    makers, weights = zip(*SHARES, strict=True)
    maker: Maker = rng.choices(makers, weights)[0]
    return maker(rng)
