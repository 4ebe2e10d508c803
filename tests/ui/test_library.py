"""The models window as a person sees it: what is here, what fits, what is recommended."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QPushButton

from hanlin.domain.generation import TokenBias
from hanlin.domain.models import ModelDefaults
from hanlin.engine import backends
from hanlin.engine.trials import Outcome, Verdict
from hanlin.services.events import CardsTried
from hanlin.services.hardware import Hardware
from hanlin_bench.bench import Bench
from hanlin_bench.library import card, cards, page_of, says
from hanlin_fakes.engine import ScriptedEngine
from hanlin_fakes.gguf_models import write_random
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.library import here, services
from hanlin_ui.library.adopting import AdoptDialog
from hanlin_ui.library.bias_field import BiasField
from hanlin_ui.library.defaults_dialog import DefaultsDialog
from hanlin_ui.library.sections import Section
from hanlin_ui.library.window import LibraryWindow


def test_what_is_here_is_shown_with_the_one_in_use(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    assert {one.title for one in cards(window)} >= {"alpha", "beta"}
    assert card(window, "alpha").label == "in use"
    page_of(window).list.choose("beta")
    bench.press("Use it now", window)
    bench.until(lambda: card(window, "beta").label == "in use")


def test_a_file_that_vanished_is_named(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    (bench.folders.models / "beta.gguf").unlink()
    bench.workbench.session.select("beta")
    bench.message().close()
    bench.until(lambda: card(window, "beta").label == "the file is gone")


def test_deleting_asks_first_and_takes_every_file(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    page_of(window).list.choose("beta")
    bench.press("Delete the files…", window)
    bench.press("Delete 1 file", bench.message(window))
    bench.until(lambda: all(one.key != "beta" for one in cards(window)))
    bench.until(lambda: not (bench.folders.models / "beta.gguf").exists())


def test_a_model_is_kept_for_a_task_and_the_menu_says_so(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    page_of(window).list.choose("beta")
    bench.press("Keep for…", window)
    dialog = bench.message(window)
    bench.button("Programming", dialog).click()
    bench.button("Conversation, when the program starts", dialog).click()
    bench.press("Keep", dialog)
    bench.until(lambda: "for programming" in card(window, "beta").facts)

    def named() -> list[str]:
        return [action.text() for action in bench.window.menus.model_menu.actions()]

    bench.until(lambda: "beta  –  for conversation, for programming" in named())
    bench.app.session.start()
    bench.until(lambda: card(window, "beta").label == "in use")


def test_models_of_other_programs_are_offered_and_used_where_they_lie(
    bench: Bench, sandboxed_home: Path
) -> None:
    there = sandboxed_home / ".lmstudio" / "models" / "maker" / "pack"
    there.mkdir(parents=True)
    write_random(there / "nice-Q4_K_M.gguf")
    window = bench.models_window(Section.HERE)
    bench.press("From other programs…", window)
    dialog = bench.message(window)
    assert isinstance(dialog, AdoptDialog)
    assert [model.program for model in dialog.ticked()] == ["LM Studio"]
    bench.press("Add", dialog)
    bench.until(lambda: any(one.title == "nice-Q4_K_M" for one in cards(window)))
    assert bench.app.session.registry.resolve("nice-Q4_K_M").path == there / "nice-Q4_K_M.gguf"
    # Adding ends a moment after the card came, and one piece of work goes on at a time.
    bench.until(lambda: not window.work.isVisible())
    bench.press("From other programs…", window)
    bench.until(lambda: bench.message(window).windowTitle() == "Nothing new was found")
    bench.message(window).close()


def test_a_model_is_verified_written_to_a_stick_and_taken_in_elsewhere(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick, folder = tmp_path / "stick", tmp_path / "mine"
    stick.mkdir()
    folder.mkdir()
    bench.app.session.registry.add(write_random(folder / "mine.gguf"))
    window = bench.models_window(Section.HERE)
    bench.until(lambda: any(one.title == "mine" for one in cards(window)))
    page_of(window).list.choose(bench.app.session.registry.resolve("mine").id)
    bench.press("Verify", window)
    assert bench.message(window).windowTitle() == "Verified"
    bench.message(window).close()
    monkeypatch.setattr(here, "choose_folder", lambda _parent, _title, then: then(stick))
    settings = bench.app.settings
    settings.idle_minutes = 15
    bench.press("Export to USB…", window)
    bench.until(lambda: any(d.windowTitle() == "The model was written" for d in dialogs_of(window)))
    bench.message(window).close()
    settings.idle_minutes = 0
    bench.press("Import from USB…", window)
    bench.until(lambda: sum(one.title == "mine" for one in cards(window)) == 2)
    bench.until(lambda: any(d.windowTitle() == "Settings came along" for d in dialogs_of(window)))
    assert settings.idle_minutes == 0
    bench.press("Take them over", bench.message(window))
    bench.until(lambda: settings.idle_minutes == 15)
    taken = [one for one in bench.app.session.registry.models() if one.name == "mine"][-1]
    assert taken.path.read_bytes() == (folder / "mine.gguf").read_bytes()
    bench.until(lambda: "here twice" in card(window, taken.id).facts)
    page_of(window).list.choose(taken.id)  # both are called alike
    bench.until(lambda: f"here again as {folder / 'mine.gguf'}" in says(window))


def dialogs_of(window: LibraryWindow) -> list[MessageDialog]:
    return [one for one in window.findChildren(MessageDialog) if one.isVisible()]


def test_a_models_own_choices_are_kept_and_followed(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    page_of(window).list.choose("alpha")
    bench.press("Choices…", window)
    dialog = bench.message(window)
    assert isinstance(dialog, DefaultsDialog)
    spins = {spin.accessibleName(): spin for spin in dialog.findChildren(QDoubleSpinBox)}
    assert spins["Temperature"].text() == "not set"
    spins["Temperature"].setValue(0.3)
    spins["Context length"].setValue(2048)
    [words] = dialog.findChildren(BiasField)
    [keep] = [one for one in dialog.findChildren(QPushButton) if one.text() == "Keep"]
    for written, correct in (("however=-5\nwhat", False), ("however=-5\n#7=3", True)):
        words.setPlainText(written)
        assert keep.isEnabled() is correct
        assert words.problem.isVisible() is not correct
    bench.press("Keep", dialog)
    bench.until(lambda: bench.app.session.registry.resolve("alpha").defaults.context == 2048)
    bench.until(lambda: bench.engine.loads[-1][1].context == 2048)
    bench.ask("hello", "ok")
    sampling = bench.engine.asked[-1].options.sampling
    assert sampling.temperature == 0.3
    assert sampling.bias == (TokenBias(-1, -5.0, "however"), TokenBias(7, 3.0))


def test_the_memory_is_that_of_the_context_that_was_chosen(bench: Bench, tmp_path: Path) -> None:
    window = bench.models_window(Section.HERE)
    model = bench.app.session.registry.add(write_random(tmp_path / "long.gguf"))
    bench.until(lambda: any(one.key == model.id for one in cards(window)))
    page_of(window).list.choose(model.id)
    bench.until(lambda: "for a context of 8,192 tokens" in says(window))
    bench.app.settings.context = 4096
    bench.until(lambda: "for a context of 4,096 tokens" in says(window))
    bench.app.session.registry.set_defaults(model.id, ModelDefaults(context=2048))
    bench.until(lambda: "for a context of 2,048 tokens" in says(window))


def test_tab_goes_from_the_sections_to_the_bar_the_cards_and_the_buttons(bench: Bench) -> None:
    window = bench.models_window(Section.CATALOGUE)
    window.activateWindow()
    bench.until(lambda: QApplication.activeWindow() is window)
    seen = []
    for _press in range(6):
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(type(focused).__name__)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    sections, *bar, listed, button = seen
    assert (sections, listed, button) == ("Sections", "CardList", "QPushButton")
    assert bar == ["QComboBox", "QLineEdit", "QCheckBox"]


def test_the_catalogue_says_what_cannot_be_used_and_why(bench: Bench) -> None:
    window = bench.models_window(Section.CATALOGUE)
    bench.press("Only what runs here", window)
    refused = [one for one in cards(window) if one.label == "cannot be used here"]
    assert len(refused) >= 10
    assert all(one.text for one in refused)
    page_of(window).list.choose(refused[0].key)
    assert refused[0].text in says(window)


def test_recommended_has_a_heading_per_task_and_one_model_each(bench: Bench) -> None:
    window = bench.models_window(Section.RECOMMENDED)
    listed = cards(window)
    assert [bool(one.key) for one in listed] == [False, True] * (len(listed) // 2)


def test_the_window_speaks_chinese_at_once(bench: Bench) -> None:
    window = bench.models_window(Section.CATALOGUE)
    bench.interface.set_language("zh_CN")
    assert any("千问" in one.text for one in cards(window))


def test_how_a_model_suits_this_computer_follows_the_language(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    bench.app.session.select("beta")  # of the one in use nothing of the kind is said
    page_of(window).list.choose("shutong")
    bench.until(lambda: "Fits: it needs" in says(window))
    bench.app.settings.language = "zh_CN"
    bench.until(lambda: "可以运行：" in says(window))
    assert "Fits" not in says(window)


def test_a_file_that_changed_meanwhile_is_shown_when_the_window_comes_back(
    bench: Bench, qapp: QApplication, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    path = write_random(tmp_path / "files" / "small.gguf")
    bench.app.session.registry.add(path)
    bench.app.session.registry.notice_files()
    window = bench.models_window(Section.HERE)
    bench.until(lambda: any(one.title == "small" for one in cards(window)))
    os.utime(path, (1, 1))
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    bench.until(lambda: any(one.label == "the file has changed" for one in cards(window)))
    path.unlink()
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    bench.until(lambda: any(one.label == "the file is gone" for one in cards(window)))


def test_the_measured_speed_stands_in_every_label(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ScriptedEngine()
    engine.enqueue("!", "!", "!", seconds_per_piece=0.02)
    monkeypatch.setattr(services, "open_engine", lambda: engine)
    window = bench.models_window(Section.RECOMMENDED)
    assert any(one.label.startswith("perhaps ") for one in cards(window))
    bench.press("Measure the speed of this computer (20 seconds)", window)
    bench.until(lambda: any(one.label.startswith("about ") for one in cards(window)))
    assert "a second on this computer" in says(window)
    assert not (bench.folders.data / "probe.gguf").exists()


def test_a_card_that_passed_its_trial_changes_what_fits(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "libggml-vulkan.so").write_bytes(b"")
    window = bench.models_window(Section.RECOMMENDED)
    before = {one.title for one in cards(window)}
    hardware = Hardware(
        tmp_path / "hardware.json",
        tmp_path / "starter.gguf",
        find=lambda: backends.find([tmp_path / "modules"]),
        try_out=lambda _module, _starter: Verdict(Outcome.GOOD, "A card", memory=80 * 10**9),
    )
    hardware.try_new()
    bench.app.kit.hardware = hardware
    bench.app.bus.publish(CardsTried())
    bench.until(lambda: "80 GB free on its graphics card" in says(window))
    assert {one.title for one in cards(window)} != before
    window.show_page(Section.CATALOGUE)
    assert any(one.label == "fits the graphics card" for one in cards(window))
