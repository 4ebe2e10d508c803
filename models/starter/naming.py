"""Copying: a name that the user says and may ask for later, and words to be said again."""

from random import Random

from starter import asking
from starter.chat import Turn
from starter.disturbing import PLACE, hurried
from starter.grammar import chance
from starter.inventing import pseudo_word
from starter.items import Item

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红飞鑫波"
    "辉琳婷雪梅建国志文海燕小大东晓宇浩然子轩欣怡"
)
NAMES = (
    *("Tom", "Anna", "John", "Mary", "Peter", "Lucy", "Sam", "Alice", "Bob", "Emma", "Jack"),
    *("Lily", "David", "Sara", "Mike", "Nina", "Paul", "Kate", "Ben", "Eva", "Leo", "Mia", "Max"),
)


def name(rng: Random, *, chinese: bool) -> str:
    """Return a person's name."""
    if not chinese:
        return rng.choice(NAMES) if chance(rng, 0.7) else pseudo_word(rng, chinese=False).title()
    if chance(rng, 0.25):
        return f"小{rng.choice(SURNAMES + GIVEN)}"
    return rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))


def make(rng: Random) -> Item:
    """Return an introduction."""
    chinese = chance(rng, 0.6)
    language = "zh" if chinese else "en"
    called = name(rng, chinese=chinese)
    # Slips around the name, never in it: the answer says it as it stands.
    text = hurried(asking.slips(asking.framed(f"named_self.{language}", rng, n=PLACE), rng), rng)
    text = text.replace(PLACE, called)
    if chinese:
        greeting, reply = f"你好，{called}！有什么可以帮你的吗？", f"你叫{called}。"
    else:
        greeting, reply = f"Hello, {called}! How can I help you?", f"Your name is {called}."
    turns = [Turn(text, greeting, "用户说了名字。" if chinese else "The user says a name.")]
    if chance(rng, 0.35):
        thought = "名字在上面。" if chinese else "It is above."
        turns.append(Turn(asking.framed(f"asked_name.{language}", rng), reply, thought))
    return Item("name", turns, chinese)


def echo(rng: Random) -> Item:
    """Return a request to say something as it stands: copying, with nothing else to learn."""
    chinese = chance(rng, 0.5)
    known = name(rng, chinese=chinese)
    words = [pseudo_word(rng, chinese=chinese) for _ in range(rng.randint(0, 4))]
    words.insert(rng.randint(0, len(words)), known)
    if not chinese:
        words = [word.title() if chance(rng, 0.3) else word for word in words]
    text = (rng.choice(("，", "、", " ")) if chinese else " ").join(words)
    request = asking.framed("echo.zh" if chinese else "echo.en", rng, x=text)
    thought = "照样写一遍。" if chinese else "Write it again."
    return Item("echo", [Turn(request, text, thought)], chinese)
