"""The generated held-out set: questions, sentences and requests that training never sees.

Nothing here is drawn from what the training stream may draw: combinations of content words and
wordings are excluded by hash; wrappers, frames and synonyms by separate lists. The file is
committed before the training that counts, so it is written once and not again.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from starter import asking, coding, declining, noise, sums, topics, translating
from starter.chat import Turn
from starter.grammar import chance
from starter.items import Item
from starter.translation import Pair, sentence

SEED = 20_261_122
FILE = Path(__file__).parent / "heldout" / "generated.jsonl"


def unseen_sentence(rng: Random) -> Pair:
    """Return a sentence whose combination of content words is never trained."""
    while True:
        found = sentence(rng)
        if found.held_out:
            return found


def record(suite: str, item: Item, **more: object) -> dict[str, object]:
    """One line of the set."""
    turn = item.turns[0]
    found: dict[str, object] = {"suite": suite, "prompt": turn.user, "expected": turn.answer}
    if item.tools:
        found["tools"] = list(item.tools)
    if item.system:
        found["system"] = item.system
    return found | more


def topic_suites(rng: Random) -> Iterator[dict[str, object]]:
    """Return new wordings (pairs and frames) and, apart, new synonyms."""
    for file in ("guide.txt", "smalltalk.txt"):
        skill = file.removesuffix(".txt")
        for intent in topics.intents(file):
            for chinese in (True, False):
                answer = intent.answer(chinese=chinese)
                pairs = (topics.unseen_pair,) * (3 if skill == "guide" else 2)
                for maker in (*pairs, topics.unseen_frame):
                    text = maker(intent, rng, chinese=chinese)
                    if text:
                        suite = f"{skill}: new wordings"
                        yield record(
                            suite, Item(skill, [Turn(text, answer)], chinese), intent=intent.name
                        )
                for text in intent.asked["zx" if chinese else "ex"]:
                    yield record(
                        f"{skill}: new synonyms",
                        Item(skill, [Turn(text, answer)], chinese),
                        intent=intent.name,
                    )


def translation_suites(rng: Random, size: int) -> Iterator[dict[str, object]]:
    """Both directions: new combinations, new wrappers, glossaries."""
    for to_english in (True, False):
        way = "zh-en" if to_english else "en-zh"
        for suite in ("new combinations", "new wrappers"):
            for _ in range(size):
                pair = unseen_sentence(rng)
                text = pair.zh_source if to_english else pair.en_source
                prompt = translating.wrapped(
                    text, rng, to_english=to_english, held=suite == "new wrappers"
                )
                target = pair.en if to_english else pair.zh
                yield record(
                    f"translate {way}: {suite}",
                    Item("translate", [Turn(prompt, target)], not to_english),
                )
        for _ in range(size // 2):
            item = translating.glossary(rng, to_english=to_english, held=True)
            yield record(f"translate {way}: glossary", item)


def code_suites(rng: Random) -> Iterator[dict[str, object]]:
    """Each function once per language, in frames never trained, with its test."""
    for function in coding.functions():
        for chinese in (True, False):
            text, name = coding.write_request(function, rng, chinese=chinese, held=True)
            test = function.test.replace(f"{function.name}(", f"{name}(").replace(
                f"({function.name})", f"({name})"
            )
            item = Item("code", [Turn(text, coding.fenced(function.renamed(name)))], chinese)
            yield record("functions", item, test=test)


def rest(rng: Random, size: int) -> Iterator[dict[str, object]]:
    """Tools, sums, refusals, bad input, the language of the answer."""
    for _ in range(size):
        yield record("tool calls", sums.with_tool(rng))
        yield record("small sums", sums.direct(rng))
        chinese = chance(rng, 0.5)
        text, kind = declining.request(rng, chinese=chinese)
        yield record(
            "decline",
            Item("decline", [Turn(text, declining.answer(kind, chinese=chinese))], chinese),
        )
        yield record("bad input", noise.make(rng))
    tools = Random(SEED)
    for _ in range(size // 2):
        intent = tools.choice(topics.intents("guide.txt"))
        chinese = chance(tools, 0.5)
        text = topics.question(intent, tools, chinese=chinese)
        order, answer_zh = topics.crossed(text, tools, chinese=chinese)
        yield record(
            "answer language",
            Item("guide", [Turn(order, intent.answer(chinese=answer_zh))], answer_zh),
            intent=intent.name,
        )
        turn = Turn(asking.politely(text, tools, chinese=chinese), intent.answer(chinese=chinese))
        given = sums.offered(tools, with_calculator=True)
        item = Item("guide", [turn], chinese, tools=given)
        yield record("tools not needed", item, intent=intent.name)


def build() -> list[dict[str, object]]:
    """Return the whole set, the same on every call, without repeated prompts."""
    rng = Random(SEED)
    found = [*topic_suites(rng), *translation_suites(rng, 100), *code_suites(rng), *rest(rng, 100)]
    seen: set[str] = set()
    unique: list[dict[str, object]] = []
    for entry in found:
        key = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        if key not in seen:
            seen.add(key)
            unique.append(entry)
    return unique


def write(path: Path = FILE) -> int:
    """Write the set; the number of its items."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = build()
    path.write_text(
        "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in entries), encoding="utf-8"
    )
    return len(entries)


def prompts(folder: Path = FILE.parent) -> frozenset[str]:
    """Return the prompts of all sets, which the training stream leaves out."""
    return frozenset(
        json.loads(line)["prompt"]
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    )
