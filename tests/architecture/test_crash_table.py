"""The crash table of llama.cpp (packaging/design.md 4), and which tests show each of its rows.

Each row is made impossible by a check, or ends the worker alone. A test that is renamed or
lost is missed here.
"""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CALLS = "architecture/test_llama_calls.py"
CLIENT = "process/test_engine_client_failures.py"
CRASHES = "process/test_engine_crashes.py"
DAMAGE = "process/test_engine_damage.py"
DRIVERS = "process/test_hardware_drivers.py"
MISUSE = "process/test_engine_misuse.py"
SAMPLING = "process/test_engine_sampling.py"
WORKER = "process/test_engine_worker.py"
ROWS = {
    # Made impossible by a check
    "more tokens than a batch holds": (
        (MISUSE, "test_more_tokens_than_a_batch_holds_are_read_in_parts"),
    ),
    "a sampler chain that chooses nothing": ((MISUSE, "test_every_chain_ends_in_a_choice"),),
    "sampling an index without scores": (
        (
            "process/test_engine_speculation.py",
            "test_the_words_are_the_same_and_so_is_what_is_remembered",
        ),
    ),
    "llama.cpp called by two threads": (
        (MISUSE, "test_a_second_thread_is_refused_and_the_first_goes_on"),
    ),
    "use after free": (
        (MISUSE, "test_what_was_freed_is_not_asked"),
        ("process/test_engine_senses.py", "test_what_was_hidden_or_never_shown_is_refused"),
    ),
    "a grammar hears of a token that violates it": (
        (SAMPLING, "test_a_grammar_ends_the_answer_and_penalties_hold_in_it"),
        (SAMPLING, "test_a_form_binds_the_answer_and_not_the_thought"),
    ),
    "a wrong pattern in a lazy grammar": ((CALLS, "test_nothing_deadly_is_asked_of_llama_cpp"),),
    "a malformed grammar, a sampler that is NULL": (
        (SAMPLING, "test_a_wrong_form_is_refused_and_the_worker_lives"),
    ),
    "a damaged adapter": ((CALLS, "test_nothing_deadly_is_asked_of_llama_cpp"),),
    "shifting positions of M-RoPE": ((CALLS, "test_nothing_deadly_is_asked_of_llama_cpp"),),
    # Ends the worker alone
    "std::bad_alloc while it computes": ((CRASHES, "test_memory_that_ran_out_costs_one_answer"),),
    "the file is cut or replaced while it is mapped": (
        (CRASHES, "test_a_model_cut_short_while_it_answers_ends_the_worker_alone"),
        (CRASHES, "test_a_model_cut_short_after_it_moved_into_memory_answers_all_the_same"),
    ),
    "a card's driver aborts, throws, hangs or has no memory": (
        (DRIVERS, "test_every_broken_driver_ends_in_a_chat_on_the_processor"),
        (DRIVERS, "test_a_card_that_fails_after_its_trial_gives_way_step_by_step"),
    ),
    "the system kills it for memory": (
        (CLIENT, "test_a_crash_ends_the_answer_and_the_engine_comes_back"),
        (CLIENT, "test_a_second_crash_is_left_to_the_person"),
    ),
    "it hangs": (
        (CLIENT, "test_a_worker_that_hangs_is_ended_and_comes_back"),
        (CLIENT, "test_a_worker_that_hangs_while_it_loads_is_ended_with_that_cause"),
        (CLIENT, "test_a_cancel_that_is_not_obeyed_kills"),
    ),
    # Errors that llama.cpp tells, and that are told on
    "a damaged, cut or foreign file": (
        (DAMAGE, "test_what_is_no_model_is_told_in_plain_words"),
        (DAMAGE, "test_a_truncated_model_never_loads_and_never_kills"),
        (DAMAGE, "test_mutated_models_end_in_one_word_each_and_the_next_model_loads"),
    ),
    "a context that is too big": (
        (DAMAGE, "test_a_model_bigger_than_memory_is_refused_before_it_is_read"),
    ),
    "a full cache": ((WORKER, "test_limits_stops_and_the_contexts_end"),),
    "a state of something else": (
        (
            "process/test_engine_states.py",
            "test_a_state_that_does_not_fit_is_of_no_use_and_harms_nothing",
        ),
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_crash_table_has_its_tests(row: str) -> None:
    for file, name in ROWS[row]:
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        found = {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
        assert name in found, f"{file} has no {name}"
