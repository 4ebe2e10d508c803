"""What can be done to a stored tree besides growing it, order among trees, and those in memory."""

from pathlib import Path

import pytest

from hanlin.domain.assistants import Assistant
from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.kernel.errors import KnownError
from hanlin.store.assistants import Assistants
from hanlin.store.conversations import TRASH_MS, Store
from hanlin.store.filing import Filing
from hanlin_fakes.clock import FakeClock
from hanlin_fakes.house import KEY

VERSE = "床前明月光"


def say(store: Store, conversation: str, parent: Message | None, text: str) -> Message:
    role = Role.ASSISTANT if parent and parent.role is Role.USER else Role.USER
    parts = (Part(PartKind.TEXT, text),)
    parent_id = parent.id if parent else None
    return store.add_message(conversation, parent_id, role, Status.COMPLETE, parts)


def talk(store: Store, *texts: str, temporary: bool = False) -> list[Message]:
    conversation = store.create_conversation("talk", temporary=temporary)
    said: list[Message] = []
    for text in texts:
        said.append(say(store, conversation.id, said[-1] if said else None, text))
    return said


def texts(store: Store, conversation: str) -> list[str]:
    return [message.text() for message in store.transcript(conversation)]


def test_deleting_takes_what_follows_and_bringing_back_undoes_it(store: Store) -> None:
    said = talk(store, "1", "2", "3", "4")
    conversation = said[0].conversation_id
    head = store.delete_message(said[1].id)
    assert texts(store, conversation) == ["1"]
    store.bring_back(said[1].id, head)
    assert texts(store, conversation) == ["1", "2", "3", "4"]


def test_deleting_one_version_shows_the_other_and_counts_it_no_more(store: Store) -> None:
    said = talk(store, "1", "2", "3")
    other = say(store, said[0].conversation_id, said[0], "2 again")
    store.delete_message(other.id)
    assert texts(store, said[0].conversation_id) == ["1", "2", "3"]
    assert [version.id for version in store.siblings(said[1].id)] == [said[1].id]
    assert store.newest_leaf(said[0].id) == said[2].id


def test_deleting_the_root_leaves_an_empty_conversation(store: Store) -> None:
    said = talk(store, "1", "2")
    head = store.delete_message(said[0].id)
    assert store.transcript(said[0].conversation_id) == []
    store.bring_back(said[0].id, head)
    assert texts(store, said[0].conversation_id) == ["1", "2"]


def test_a_version_that_is_not_visible_is_deleted_without_moving_the_head(store: Store) -> None:
    said = talk(store, "1", "2")
    other = say(store, said[0].conversation_id, said[0], "2 again")
    store.delete_message(said[1].id)
    assert texts(store, said[0].conversation_id) == ["1", "2 again"]
    assert store.siblings(other.id) == [store.message(other.id)]


def test_deleted_messages_are_purged_like_the_trash(store: Store, clock: FakeClock) -> None:
    said = talk(store, "1", "2", "3")
    store.delete_message(said[1].id)
    store.purge_trash()
    assert store.message(said[2].id).text() == "3"
    clock.move(TRASH_MS + 1)
    for _day in range(31):
        store.create_conversation("use")
        store.purge_trash()
    with pytest.raises(KnownError):
        store.message(said[2].id)
    assert texts(store, said[0].conversation_id) == ["1"]
    assert store.database.problems() == []


def test_a_branch_is_a_copy_that_lives_by_itself(store: Store) -> None:
    said = talk(store, "1", "2", "3", "4")
    Filing(store).move(said[0].conversation_id, "工作")
    Filing(store).tag(said[0].conversation_id, ["月", "诗"])
    poet = Assistant("poet", "诗人", "🌙", "写诗", "Answer in verse.", "", "", (), ())
    Assistants(store).choose(said[0].conversation_id, poet)
    store.keep_report(said[1].id, "{}")
    branched = store.branch(said[2].id)
    assert texts(store, branched.id) == ["1", "2", "3"]
    assert (branched.folder, branched.tags) == ("工作", ("月", "诗"))
    assert Assistants(store).of(branched.id) == poet
    assert branched.title == f"{store.conversation(said[0].conversation_id).title} (2)"
    again = store.branch(branched.head_id or "")
    assert again.title == branched.title.replace("(2)", "(3)")
    copied = store.transcript(branched.id)
    assert store.report(copied[1].id) == "{}"
    store.delete_forever(said[0].conversation_id)
    assert texts(store, branched.id) == ["1", "2", "3"]


def test_a_final_answer_can_grow_again(store: Store) -> None:
    said = talk(store, "1", "2")
    answer = said[1].id
    store.extend_message(answer, [Part(PartKind.NOTICE, "full")], Status.TRUNCATED)
    reopened = store.reopen_message(answer)
    assert reopened.status is Status.STREAMING
    assert reopened.text(PartKind.NOTICE) == ""
    store.extend_message(answer, [Part(PartKind.TEXT, " more")], Status.COMPLETE)
    assert store.message(answer).parts == (Part(PartKind.TEXT, "2 more"),)


def test_order_among_conversations(store: Store) -> None:
    filing = Filing(store)
    one = store.create_conversation("one").id
    other = store.create_conversation("other").id
    filing.pin(one, pinned=True)
    filing.move(one, "  诗\x1f 词 ")
    filing.move(other, "诗 词")
    filing.tag(one, ["b", "a", "", "a"])
    filing.rename_folder("诗 词", "文学")
    kept = store.conversation(one)
    assert (kept.pinned, kept.folder, kept.tags) == (True, "文学", ("a", "b"))
    filing.rename_folder("文学", "")
    assert store.conversation(other).folder == ""
    with pytest.raises(KnownError):
        filing.pin("nobody", pinned=True)
    with pytest.raises(KnownError):
        filing.tag("nobody", ["a"])


def test_drafts_outlive_the_program_and_go_with_their_conversation(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "hanlin.db"
    with Store.open(path, KEY, clock) as store:
        identity = store.create_conversation("one").id
        Filing(store).keep_draft(identity, "unsent \ud800")
        Filing(store).keep_draft("", "unsent too")
        Filing(store).keep_draft("", VERSE)
    assert VERSE.encode() not in path.read_bytes()
    with Store.open(path, KEY, clock) as store:
        assert Filing(store).drafts() == {identity: "unsent \N{REPLACEMENT CHARACTER}", "": VERSE}
        Filing(store).keep_draft("", "")
        store.delete_forever(identity)
        assert Filing(store).drafts() == {}


def test_a_temporary_conversation_leaves_nothing_on_the_disk(
    tmp_path: Path, clock: FakeClock
) -> None:
    def files() -> dict[str, bytes]:
        paths = (path for path in tmp_path.rglob("*") if path.is_file())
        # Who reads is noted in the shared memory, which holds no content.
        return {str(path): path.read_bytes() for path in paths if path.suffix != ".db-shm"}

    with Store.open(tmp_path / "hanlin.db", KEY, clock) as store:
        kept = talk(store, "kept")
        before = files()
        said = talk(store, VERSE, "answer", temporary=True)
        identity = said[0].conversation_id
        grown = store.add_message(identity, said[1].id, Role.ASSISTANT, Status.STREAMING, ())
        store.extend_message(grown.id, [Part(PartKind.TEXT, VERSE * 100)], Status.STOPPED)
        Filing(store).keep_draft(identity, VERSE)
        Filing(store).pin(identity, pinned=True)
        store.keep_report(grown.id, "{}")
        branched = store.branch(said[1].id)
        store.delete_message(said[1].id)
        assert branched.temporary
        assert store.conversation(identity).pinned
        assert store.report(grown.id) == "{}"
        assert [c.temporary for c in store.conversations()] == [True, True, False]
        assert texts(store, identity) == [VERSE]
        assert files() == before
    with Store.open(tmp_path / "hanlin.db", KEY, clock) as store:
        assert [c.id for c in store.conversations()] == [kept[0].conversation_id]
        with pytest.raises(KnownError):
            store.message(grown.id)
