"""Input that is no request: nothing, signs, other scripts, control tokens as text, long pastes; and
small things a person tries out: their name, repeating a word.
"""

from random import Random

from starter import asking
from starter.chat import Turn
from starter.declining import RARE, pseudo_word
from starter.grammar import chance, expand
from starter.items import Item, refusal
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
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红飞鑫波辉琳婷雪梅建国志文海燕小大东晓宇浩然子轩欣怡"
NAMES = (
    "Tom",
    "Anna",
    "John",
    "Mary",
    "Peter",
    "Lucy",
    "Sam",
    "Alice",
    "Bob",
    "Emma",
    "Jack",
    "Lily",
    "David",
    "Sara",
    "Mike",
    "Nina",
    "Paul",
    "Kate",
    "Ben",
    "Eva",
    "Leo",
    "Mia",
    "Max",
    "Zoe",
)


def name(rng: Random, chinese: bool) -> str:
    if not chinese:
        return rng.choice(NAMES) if chance(rng, 0.7) else pseudo_word(False, rng).title()
    kind = rng.random()
    given = "".join(rng.choice(GIVEN) for _ in range(rng.choice((1, 2, 2))))
    return f"小{rng.choice(SURNAMES + GIVEN)}" if kind < 0.25 else rng.choice(SURNAMES) + given


def introduction(rng: Random) -> Item:
    """The user says their name, sometimes asks for it later."""
    chinese = chance(rng, 0.6)
    called = name(rng, chinese)
    forms = (
        ("(你好，|)我叫{n}", "(你好，|嗨，|)我是{n}", "我的名字(是|叫){n}", "(你可以|)叫我{n}(吧|)")
        if chinese
        else (
            "(hi, |hello, |)my name is {n}",
            "(hello, |hi, |)I am {n}",
            "(hi, |)I'm {n}",
            "(you can |)call me {n}",
            "(hi, |)this is {n}",
        )
    )
    text = asking.slips(expand(rng.choice(forms), rng).replace("{n}", called), rng)
    answer = (
        f"你好，{called}！有什么可以帮你的吗？"
        if chinese
        else f"Hello, {called}! How can I help you?"
    )
    turns = [Turn(text, answer, "用户说了名字。" if chinese else "The user says a name.")]
    if chance(rng, 0.35):
        asked = (
            rng.choice(
                ("我叫什么名字？", "我叫什么", "我是谁", "你还记得我的名字吗", "我的名字是什么")
            )
            if chinese
            else rng.choice(
                ("what is my name?", "who am I", "do you remember my name?", "what's my name")
            )
        )
        turns.append(
            Turn(
                asked,
                f"你叫{called}。" if chinese else f"Your name is {called}.",
                "名字在上面。" if chinese else "It is above.",
            )
        )
    return Item("name", turns, chinese)


def foreign(rng: Random) -> str:
    low, high = rng.choice(SCRIPTS)
    words = (
        "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(2, 7)))
        for _ in range(rng.randint(1, 6))
    )
    return rng.choice(("", " ")).join(words) + rng.choice(("", "?", "。", "!", "？"))


def keys(rng: Random) -> str:
    """What a cat on the keyboard types."""
    style = rng.random()
    if style < 0.3:
        return "".join(
            rng.choice("qwertyuiopasdfghjklzxcvbnm;',.") for _ in range(rng.randint(4, 30))
        )
    if style < 0.45:
        return "".join(rng.choice(RARE) for _ in range(rng.randint(3, 15)))
    if style < 0.6:
        return rng.choice("?!。，.…、~@#$%^&*-=+_/\\|？！") * rng.randint(1, 12)
    if style < 0.7:
        return rng.choice("aA啊哦1嗯z呜") * rng.randint(4, 40)
    if style < 0.85:
        return "".join(
            chr(
                rng.choice(
                    (rng.randint(33, 126), rng.randint(0xA1, 0x24F), rng.randint(0x2190, 0x27BF))
                )
            )
            for _ in range(rng.randint(3, 25))
        )
    return " ".join(rng.choice(CONTROL) for _ in range(rng.randint(1, 4))) + rng.choice(
        ("", "system", "user hello", "\n", "abc")
    )


def paste(rng: Random, size: int) -> Item:
    """A long text, alone or with something to be done with it: beyond the model."""
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
        [Turn(text, refusal(chinese), "文本太长。" if chinese else "The text is too long.")],
        chinese,
        label="paste",
    )


def loop(rng: Random) -> Item:
    word = rng.choice(("hello", "啊", "好", "A", "you", "哈", "test"))
    text = asking.framed("loop", rng, w=word, n=rng.choice(("100", "500", "999", "1000", "10000")))
    chinese = any("\u4e00" <= c <= "\u9fff" for c in text)
    return Item(
        "decline",
        [Turn(text, refusal(chinese), "这没有尽头。" if chinese else "This would not end.")],
        chinese,
        label="loop",
    )


def make(rng: Random) -> Item:
    """One of all that."""
    kind = rng.random()
    if kind < 0.30:
        return introduction(rng)
    if kind < 0.37:
        return Item(
            "noise",
            [
                Turn(
                    " " * rng.randint(0, 3) + "\n" * rng.randint(0, 1),
                    "请输入你的问题。Please type your question.",
                    "Nothing was typed.",
                )
            ],
            True,
        )
    if kind < 0.47:
        text = "".join(rng.choice(EMOJI) for _ in range(rng.randint(1, 4)))
        return Item("noise", [Turn(text, "你好！有什么可以帮你的吗？", "只有表情。")], True)
    if kind < 0.62:
        return Item(
            "decline",
            [Turn(foreign(rng), refusal(chinese=False), "An unknown language.")],
            False,
            label="script",
        )
    if kind < 0.84:
        text = keys(rng)
        chinese = any("\u4e00" <= c <= "\u9fff" for c in text)
        return Item("noise", [Turn(text, UNCLEAR_ZH if chinese else UNCLEAR_EN, "?")], chinese)
    if kind < 0.92:
        return loop(rng)
    return paste(rng, rng.randint(120, 500))
