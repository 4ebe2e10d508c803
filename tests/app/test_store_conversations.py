"""What the store keeps: trees of messages, their order, the trash."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.kernel.errors import KnownError
from hanlin.store.conversations import TRASH_MS, Store
from hanlin_fakes.clock import FakeClock
from hanlin_fakes.house import KEY

TEXT, THINKING, NOTICE = PartKind.TEXT, PartKind.THINKING, PartKind.NOTICE


def ask(store: Store, conversation: str, parent: str | None, text: str) -> Message:
    parts = (Part(TEXT, text),)
    return store.add_message(conversation, parent, Role.USER, Status.COMPLETE, parts)


def answer(store: Store, conversation: str, parent: str, text: str) -> Message:
    parts = (Part(TEXT, text),)
    return store.add_message(
        conversation, parent, Role.ASSISTANT, Status.COMPLETE, parts, model="书童"
    )


def test_a_conversation_is_found_again_after_reopening(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "hanlin.db"
    with Store.open(path, KEY, clock) as store:
        conversation = store.create_conversation("天气")
        question = ask(store, conversation.id, None, "今天天气怎么样？")
        reply = answer(store, conversation.id, question.id, "我不知道。")
    with Store.open(path, KEY, clock) as store:
        assert [c.title for c in store.conversations()] == ["天气"]
        assert store.transcript(conversation.id) == [question, reply]
        assert store.message(reply.id).model == "书童"
        assert store.database.problems() == []


def test_an_empty_conversation_has_an_empty_transcript(store: Store) -> None:
    assert store.transcript(store.create_conversation("new").id) == []


def test_regenerating_and_editing_add_siblings_and_move_the_head(store: Store) -> None:
    c = store.create_conversation("c").id
    question = ask(store, c, None, "q")
    first = answer(store, c, question.id, "a1")
    second = answer(store, c, question.id, "a2")
    assert store.siblings(first.id) == [first, second]
    assert store.transcript(c) == [question, second]

    edited = ask(store, c, None, "q, better")
    assert [m.id for m in store.siblings(question.id)] == [question.id, edited.id]
    assert store.transcript(c) == [edited]

    store.set_head(c, first.id)
    assert store.transcript(c) == [question, first]
    assert store.path_to(second.id) == [question, second]


def test_roots_of_other_conversations_are_no_siblings(store: Store) -> None:
    one, two = store.create_conversation("1").id, store.create_conversation("2").id
    root = ask(store, one, None, "q")
    ask(store, two, None, "q")
    assert store.siblings(root.id) == [root]


def test_who_reads_waits_for_nobody_who_reads(store: Store) -> None:
    root = ask(store, store.create_conversation("c").id, None, "q")
    with store.database.reading() as one, store.database.reading() as another:
        assert one is not another
        assert store.message(root.id) == root
    with store.database.reading() as again:
        assert again in (one, another), "those that are free are used again"


def test_the_newest_leaf_is_the_message_written_last_below(store: Store) -> None:
    c = store.create_conversation("c").id
    root = ask(store, c, None, "q")
    left = answer(store, c, root.id, "left")
    right = answer(store, c, root.id, "right")
    below_right = ask(store, c, right.id, "right again")
    below_left = ask(store, c, left.id, "left again")
    assert store.newest_leaf(root.id) == below_left.id
    assert store.newest_leaf(right.id) == below_right.id
    assert store.newest_leaf(below_left.id) == below_left.id


def test_a_streaming_answer_grows_part_by_part(store: Store) -> None:
    c = store.create_conversation("c").id
    root = ask(store, c, None, "q")
    growing = store.add_message(c, root.id, Role.ASSISTANT, Status.STREAMING, ())
    for kind, text in [
        (THINKING, "嗯"),
        (THINKING, "……"),
        (TEXT, "你"),
        (TEXT, "好"),
        (NOTICE, "one"),
        (NOTICE, "two"),
        (TEXT, "!"),
    ]:
        store.extend_message(growing.id, (Part(kind, text),))
    store.extend_message(growing.id, (), Status.STOPPED)
    kept = store.message(growing.id)
    assert kept.status is Status.STOPPED
    assert kept.parts == (
        Part(THINKING, "嗯……"),
        Part(TEXT, "你好"),
        Part(NOTICE, "one"),
        Part(NOTICE, "two"),
        Part(TEXT, "!"),
    )


def test_appending_adds_a_row_and_leaves_the_earlier_ones_alone(store: Store) -> None:
    c = store.create_conversation("c").id
    growing = store.add_message(c, None, Role.ASSISTANT, Status.STREAMING, ())
    store.extend_message(growing.id, (Part(TEXT, "x" * 10_000),))
    before = store.database.read("SELECT seq, text FROM parts")
    store.extend_message(growing.id, (Part(TEXT, "y"),))
    assert store.database.read("SELECT seq, text FROM parts LIMIT 1") == before
    assert store.message(growing.id).text() == "x" * 10_000 + "y"


def test_two_given_parts_of_one_kind_stay_two(store: Store) -> None:
    c = store.create_conversation("c").id
    parts = (Part(TEXT, "a"), Part(TEXT, "b"))
    added = store.add_message(c, None, Role.USER, Status.COMPLETE, parts)
    assert store.message(added.id).parts == parts


def test_the_list_is_ordered_by_use_even_when_the_clock_jumps_back(
    store: Store, clock: FakeClock
) -> None:
    old, new = store.create_conversation("old"), store.create_conversation("new")
    assert [c.title for c in store.conversations()] == ["new", "old"]
    clock.move(-10 * 365 * 86_400_000)
    ask(store, old.id, None, "again")
    assert [c.title for c in store.conversations()] == ["old", "new"]
    store.rename(new.id, "renamed")
    assert [c.title for c in store.conversations()] == ["old", "renamed"]


def test_messages_keep_their_order_over_a_hundred_clock_jumps(
    store: Store, clock: FakeClock
) -> None:
    jumps = random.Random(7)
    c = store.create_conversation("c").id
    parent: str | None = None
    for number in range(100):
        clock.move(jumps.randint(-(10**11), 10**11))
        parent = ask(store, c, parent, str(number)).id
    assert [m.text() for m in store.transcript(c)] == [str(number) for number in range(100)]


def test_the_trash_keeps_everything_for_thirty_days(store: Store, clock: FakeClock) -> None:
    kept, thrown = store.create_conversation("kept"), store.create_conversation("thrown")
    question = ask(store, thrown.id, None, "q")
    store.move_to_trash(thrown.id)
    assert [c.title for c in store.conversations()] == ["kept"]
    assert [c.title for c in store.conversations(trash=True)] == ["thrown"]
    assert (store.is_listed(kept.id), store.is_listed(thrown.id)) == (True, False)
    assert store.transcript(thrown.id) == [question]

    store.restore(thrown.id)
    assert store.conversations(trash=True) == []
    assert store.is_listed(thrown.id)
    store.move_to_trash(thrown.id)
    clock.move(TRASH_MS - 1)
    still_used = ask(store, kept.id, None, "still used")
    assert store.purge_trash() == 0
    clock.move(1)
    assert store.purge_trash() == 1
    assert [c.id for c in store.conversations()] == [kept.id]
    assert store.transcript(kept.id) == [still_used]
    store.delete_forever(kept.id)
    assert store.database.read("SELECT count(*) FROM messages") == [(0,)]
    assert store.database.read("SELECT count(*) FROM parts") == [(0,)]


def test_a_clock_that_jumps_empties_no_trash(store: Store, clock: FakeClock) -> None:
    thrown = store.create_conversation("thrown")
    store.move_to_trash(thrown.id)
    clock.move(20 * TRASH_MS)  # the battery is empty, or somebody typed another year
    assert store.purge_trash() == 0
    clock.move(-20 * TRASH_MS)
    assert store.purge_trash() == 0
    clock.move(-20 * TRASH_MS)
    store.create_conversation("long ago")
    assert store.purge_trash() == 0
    assert [c.id for c in store.conversations(trash=True)] == [thrown.id]


def test_deleting_forever_takes_the_whole_tree(store: Store) -> None:
    c = store.create_conversation("c").id
    root = ask(store, c, None, "q")
    answer(store, c, root.id, "a1")
    ask(store, c, answer(store, c, root.id, "a2").id, "q2")
    store.delete_forever(c)
    store.delete_forever(c)
    assert store.database.problems() == []
    with pytest.raises(KnownError, match="not there any more"):
        store.transcript(c)


def test_what_another_window_deleted_is_said_in_a_sentence(store: Store) -> None:
    c = store.create_conversation("c").id
    question = ask(store, c, None, "q")
    store.delete_forever(c)
    for attempt in (
        lambda: store.conversation(c),
        lambda: store.transcript(c),
        lambda: store.rename(c, "x"),
        lambda: store.move_to_trash(c),
        lambda: store.restore(c),
        lambda: store.set_head(c, question.id),
        lambda: store.message(question.id),
        lambda: store.siblings(question.id),
        lambda: store.path_to(question.id),
        lambda: store.newest_leaf(question.id),
        lambda: store.extend_message(question.id, (Part(TEXT, "x"),)),
        lambda: store.extend_message(question.id, (), Status.COMPLETE),
        lambda: ask(store, c, None, "again"),
    ):
        with pytest.raises(KnownError, match="not there any more"):
            attempt()


def test_a_parent_of_another_conversation_is_refused_and_nothing_is_kept(store: Store) -> None:
    one, two = store.create_conversation("1").id, store.create_conversation("2").id
    foreign = ask(store, one, None, "q")
    with pytest.raises(KnownError):
        ask(store, two, foreign.id, "q")
    with pytest.raises(KnownError):
        store.set_head(two, foreign.id)
    assert store.transcript(two) == []
    assert store.database.problems() == []


@pytest.mark.parametrize("text", ["", "a\0b", "half \ud83d", "\udc80", "😀" * 3, "x" * 3_000_000])
def test_any_text_can_be_stored(store: Store, text: str) -> None:
    c = store.create_conversation(text).id
    question = ask(store, c, None, text)
    expected = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert store.conversation(c).title == expected
    assert store.transcript(c) == [question]
    assert question.text() == expected


def test_one_bad_record_spoils_only_itself(store: Store) -> None:
    c = store.create_conversation("c").id
    good = ask(store, c, None, "good")
    bad = answer(store, c, good.id, "bad")
    last = ask(store, c, bad.id, "last")
    store.database.write("UPDATE messages SET role = 'oracle' WHERE id = ?", (bad.id,))
    found = store.transcript(c)
    assert (found[0], found[2]) == (good, last)
    assert [part.kind for part in found[1].parts] == [NOTICE]
    assert "could not be read" in found[1].parts[0].text


def test_what_a_newer_version_wrote_is_named_and_the_rest_opens(store: Store) -> None:
    """Kinds of parts and states of messages that this version does not know."""
    newer, plain = store.create_conversation("newer").id, store.create_conversation("plain").id
    question = ask(store, newer, None, "what is it?")
    told = answer(store, newer, question.id, "words")
    store.extend_message(told.id, (Part(THINKING, "a hologram's bytes"), Part(TEXT, " and more")))
    store.database.write("UPDATE parts SET kind = 'hologram' WHERE text LIKE 'a hologram%'")
    store.database.write("UPDATE messages SET status = 'dreaming' WHERE id = ?", (told.id,))
    kept = ask(store, plain, None, "here")
    first, second = store.transcript(newer)
    assert first == question
    assert second.text(TEXT) == "words and more"
    assert "could not be read" in second.text(NOTICE)
    assert "hologram" not in second.text(NOTICE)
    assert second.status is Status.INTERRUPTED
    assert store.transcript(plain) == [kept]
    assert {one.title for one in store.conversations()} == {"newer", "plain"}


def test_no_conversation_fails_to_open_over_five_hundred_fuzzed_rows(store: Store) -> None:
    dice = random.Random(11)
    c = store.create_conversation("c").id
    parent: str | None = None
    for number in range(50):
        parent = ask(store, c, parent, f"message {number}").id
        store.extend_message(parent, (Part(THINKING, "hm"),))
    places = [
        ("messages", "role"),
        ("messages", "status"),
        ("messages", "model"),
        ("messages", "created_at"),
        ("parts", "kind"),
        ("parts", "text"),
        ("parts", "continues"),
        ("conversations", "title"),
        ("conversations", "updated_at"),
    ]
    texts = [
        "''",
        "'\U0001f4a9'",
        "CAST(x'ff00fe' AS TEXT)",
        "'a' || char(0) || 'b'",
        "'streaming'",
    ]
    for _round in range(500):
        table, column = dice.choice(places)
        numeric = column.endswith("_at") or column == "continues"
        value = str(dice.choice([-1, 0, 2**62])) if numeric else dice.choice(texts)
        store.database.write(
            "UPDATE :table SET :column = :value"
            " WHERE seq = (SELECT seq FROM :table ORDER BY random() LIMIT 1)".replace(
                ":table", table
            )
            .replace(":column", column)
            .replace(":value", value)
        )
        assert len(store.transcript(c)) == 50
        assert len(store.conversations()) == 1


def test_reading_does_not_wait_for_a_writer(store: Store) -> None:
    c = store.create_conversation("c").id
    ask(store, c, None, "before")
    inside, read = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with store.database.transaction() as connection:
            connection.execute("UPDATE conversations SET title = 'after'")
            inside.set()
            assert read.wait(30)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert inside.wait(30)
    assert store.conversation(c).title == "c"
    assert len(store.transcript(c)) == 1
    read.set()
    writer.join()
    assert store.conversation(c).title == "after"


def test_many_threads_may_write_and_read_at_once(store: Store) -> None:
    c = store.create_conversation("c").id

    def work(name: str) -> None:
        for number in range(20):
            ask(store, c, None, f"{name}{number}")
            store.transcript(c)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, "abcd")) == [None] * 4
    root = store.transcript(c)[0]
    assert len(store.siblings(root.id)) == 80


def test_a_failed_transaction_takes_everything_back(store: Store) -> None:
    c = store.create_conversation("before").id

    def fail_halfway() -> None:
        with store.database.transaction() as connection:
            connection.execute("UPDATE conversations SET title = 'after'")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert store.conversation(c).title == "before"
    store.rename(c, "later")
    assert store.conversation(c).title == "later"


def test_window_and_command_line_share_one_file(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    with Store.open(tmp_path / "hanlin.db", KEY, clock) as other:
        c = store.create_conversation("from the window").id
        question = ask(other, c, None, "from the command line")
        assert store.transcript(c) == [question]


def test_a_leftover_is_marked_only_when_its_program_is_gone(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "hanlin.db"
    c = store.create_conversation("c").id
    mine = store.add_message(c, None, Role.ASSISTANT, Status.STREAMING, ())
    other = Store.open(path, KEY, clock)
    theirs = other.add_message(c, None, Role.ASSISTANT, Status.STREAMING, (Part(TEXT, "half"),))
    assert store.mark_leftovers_interrupted() == 0
    other.close()
    assert store.mark_leftovers_interrupted() == 1
    assert store.message(theirs.id).status is Status.INTERRUPTED
    assert store.message(theirs.id).text() == "half"
    assert store.message(mine.id).status is Status.STREAMING
    assert [path.name for path in store.database.path.parent.glob("*.writers/*.lock")] == [
        f"{store.database.writer.id}.lock"
    ]


def test_a_streaming_message_of_nobody_is_a_leftover(store: Store) -> None:
    c = store.create_conversation("c").id
    message = store.add_message(c, None, Role.ASSISTANT, Status.STREAMING, ())
    for writer in (None, "../../escape", "f" * 16):
        store.database.write("UPDATE messages SET status = 'streaming', writer = ?", (writer,))
        assert store.mark_leftovers_interrupted() == 1
        assert store.message(message.id).status is Status.INTERRUPTED
