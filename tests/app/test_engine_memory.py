"""What a model remembers, and when a copy of it is made at all."""

from unittest.mock import Mock

import pytest

from hanlin.engine.worker.memory import Memory

TOO_MUCH = 2**62
"""Bytes that no computer has."""


def test_without_memory_for_a_copy_there_is_no_way_back_and_nothing_fails() -> None:
    c = Mock()
    c.llama_state_seq_get_size_ext.return_value = TOO_MUCH
    memory = Memory(Mock(c=c, keeps_positions=False, window=0, can_forget=False), Mock(), TOO_MUCH)
    memory.extend([1] * 64)
    assert memory.here(between=False) is None
    memory.mark(between=False)
    assert memory.mark_before(64) is None
    assert memory.way_back(1) is None


@pytest.mark.parametrize(
    ("name", "fresh", "copied"), [("c", False, True), ("d", True, True), ("c", True, False)]
)
def test_what_is_always_read_anew_is_not_kept(name: str, fresh: bool, copied: bool) -> None:  # noqa: FBT001 - a parameter
    c = Mock()
    c.llama_state_seq_get_size_ext.return_value = 1
    c.llama_state_seq_get_data_ext.return_value = 1
    memory = Memory(Mock(c=c, keeps_positions=True, window=0, can_forget=True), Mock(), TOO_MUCH)
    memory.begin([1] * 65, "c")
    memory.extend([1] * 64)
    memory.begin([2] * 65, name, fresh=fresh)
    assert c.llama_state_seq_get_data_ext.called == copied
