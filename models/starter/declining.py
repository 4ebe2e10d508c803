"""What lies beyond the starter: everyday requests of every other kind, and the plain refusal."""

from functools import lru_cache
from random import Random

from starter import asking
from starter.chat import Turn
from starter.disturbing import disturbed, hurried
from starter.grammar import chance, expand, sections
from starter.inventing import pseudo_word
from starter.items import Item, is_chinese, refusal
from starter.lexicon import lexicon
from starter.translation import sentence

KINDS = ("live", "health", "danger", "other")
WEIGHTS = (22, 10, 5, 63)
LEADS = {
    "live": ("我没有联网，查不到实时信息。", "I am offline and cannot look that up. "),
    "health": ("这种事请问专业人士。", "Please ask a professional about that. "),
    "danger": ("如果有危险，请马上拨打 110 或 120，或找身边的人帮忙。",
               "If you are in danger, call your local emergency number or someone near you now. "),
    "other": ("", ""),
}  # fmt: skip


@lru_cache(maxsize=1)
def data() -> dict[str, list[str]]:
    """Return the frames and the slot lists, read once."""
    return sections("decline.txt")


def table(rng: Random, *, chinese: bool) -> dict[str, list[str]]:
    """Return the slot lists, narrowed to the entries in the request's language."""
    found: dict[str, list[str]] = {}
    for name, entries in data().items():
        if "." not in name:
            own = [entry for entry in entries if is_chinese(entry) == chinese]
            loose = name in ("company", "software", "lang") or not own
            found[name] = entries if loose else own
    found["num"] = [
        str(rng.choice((2, 3, 5, 7, 8, 10, 12, 15, 20, 30, 50, 100, 200, 500, 800, 1000)))
    ]
    found["big"] = [
        str(rng.randint(1000, 9_999_999)) if chance(rng, 0.8) else f"{rng.uniform(10, 999):.2f}"
    ]
    # Words of the translation lexicon, so that no word alone speaks for translation.
    words = lexicon()
    kind = rng.choice([*words.nouns.values()])
    found["noun"] = [word.zh if chinese else word.en for word in kind]
    adjectives = rng.choice([*words.adjectives.values()])
    found["adj"] = [word.zh if chinese else word.en for word in adjectives]
    verb = rng.choice([verb for verb in words.verbs if not verb.objects])
    found["verb"] = [verb.zh if chinese else verb.en.replace("{poss}", "my")]
    found["mark"] = [word.forms["mw"] for word in kind[:1]]
    if chance(rng, 0.15):
        found["topic"] = [pseudo_word(rng, chinese=chinese)]
    if chance(rng, 0.12):
        found["person"] = [pseudo_word(rng, chinese=chinese).title()]
    return found


def request(rng: Random, *, chinese: bool) -> tuple[str, str]:
    """Return a request beyond the model, and its kind."""
    kind = rng.choices(KINDS, WEIGHTS)[0]
    frame = rng.choice(data()[f"{kind}.{'zh' if chinese else 'en'}"])
    return expand(frame, rng, table(rng, chinese=chinese)), kind


def answer(kind: str, *, chinese: bool) -> str:
    """Return the refusal, with a lead-in that says why for some kinds."""
    return LEADS[kind][0 if chinese else 1] + refusal(chinese=chinese)


def make(rng: Random) -> Item:
    """One request with its refusal."""
    chinese = chance(rng, 0.55)
    text, kind = request(rng, chinese=chinese)
    text = hurried(asking.slips(text, rng), rng)
    if chance(rng, 0.06):
        text = disturbed(text, rng)
    text = asking.politely(text, rng, chinese=chinese)
    thought = "这超出了我的范围。" if chinese else "This is outside what I can do."
    return Item(
        "decline", [Turn(text, answer(kind, chinese=chinese), thought)], chinese, label=kind
    )


def bare(rng: Random) -> Item:
    """Return an everyday sentence that nobody asks to translate; a question is beyond the model."""
    chinese = chance(rng, 0.5)
    found = sentence(rng)
    while found.held_out:
        found = sentence(rng)
    text = found.zh_source if chinese else found.en_source
    question = found.en.endswith("?")
    if question:
        turn = Turn(
            text,
            refusal(chinese=chinese),
            "这超出了我的范围。" if chinese else "This is outside what I can do.",
        )
        return Item("decline", [turn], chinese, label="bare")
    answer = "好的。还有别的问题吗？" if chinese else "OK. Is there anything else?"
    return Item(
        "smalltalk",
        [Turn(text, answer, "用户在闲聊。" if chinese else "The user is chatting.")],
        chinese,
    )
