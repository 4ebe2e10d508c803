"""The translator with real keys and the starter in the box, also from another start's command."""

from collections.abc import Callable

import pytest

from hanlin_fakes.desktop import Desktop, eventually

pytestmark = pytest.mark.timeout(300)


def translated(desk: Desktop, source: str) -> str:
    """Return the translation of ``source`` once the history has it."""
    return eventually(
        lambda: dict(desk.translations()).get(source, ""), f"the translation of {source}"
    )


def test_a_text_is_typed_a_part_selected_and_a_text_given_from_outside(
    desktop: Callable[..., Desktop],
) -> None:
    desk = desktop(LANG="en_US.UTF-8")
    with desk.window() as window:
        window.wait_until_open()
        window.press("ctrl+2")
        window.type("The cat is under the chair. Thank you.")
        whole = translated(desk, "The cat is under the chair. Thank you.")
        assert "椅子" in whole
        window.shot("translator")
        # What is selected is the desktop's selection, which the small window translates.
        window.press("ctrl+End", "ctrl+shift+Left", "ctrl+shift+Left", "ctrl+shift+Left")
        window.press("ctrl+shift+y")
        assert "谢谢" in translated(desk, "Thank you.")
        window.turn_to("Translate the selection")
        window.shot("translator-selection")
        window.press("Escape")
        desk.cli("quick", "--translate", "The dog is in the garden.")
        assert "花园" in translated(desk, "The dog is in the garden.")
        window.turn_to("Translate the selection")
        window.press("Escape")
        window.turn_to_main()
