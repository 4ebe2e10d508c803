"""The user says their name, and sometimes asks for it later: copying, the one thing to remember."""

from random import Random

from starter import asking
from starter.chat import Turn
from starter.declining import pseudo_word
from starter.grammar import chance
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
    text = asking.slips(asking.framed(f"named_self.{language}", rng, n=called), rng)
    if chinese:
        greeting, reply = f"你好，{called}！有什么可以帮你的吗？", f"你叫{called}。"
    else:
        greeting, reply = f"Hello, {called}! How can I help you?", f"Your name is {called}."
    turns = [Turn(text, greeting, "用户说了名字。" if chinese else "The user says a name.")]
    if chance(rng, 0.35):
        thought = "名字在上面。" if chinese else "It is above."
        turns.append(Turn(asking.framed(f"asked_name.{language}", rng), reply, thought))
    return Item("name", turns, chinese)
