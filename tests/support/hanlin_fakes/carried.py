"""A conversation that is hard to carry out of the program and in again."""

from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.store.conversations import Store

NASTY = (
    "# 标题\n\n<script>alert(1)</script> **粗** `a<b`\n\n- 一\n- 二\n\n1. x\n2. y\n\n"
    "| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n```py\nprint('<&>')\n```\n\n"
    "![p](http://x/y.png) [l](javascript:alert(1))\n\n> 引\n\x0b\u202e尾"
)
"""What a model says: markup of two kinds, every block, and characters that show nothing."""


def say(store: Store, conversation: str, parent: str | None, role: Role, text: str) -> Message:
    """Store a message below ``parent`` that was thought about."""
    parts = (Part(PartKind.THINKING, "想\n想"), Part(PartKind.TEXT, text))
    return store.add_message(conversation, parent, role, Status.COMPLETE, parts, model="书童")


def with_versions(store: Store) -> str:
    """Store a question with two answers, the second NASTY; return the conversation's id."""
    made = store.create_conversation("天气 <b>与</b> \x00 旅行")
    question = say(store, made.id, None, Role.USER, "下周 <i>怎样</i>？")
    say(store, made.id, question.id, Role.ASSISTANT, "另一版")
    say(store, made.id, question.id, Role.ASSISTANT, NASTY)
    return made.id
