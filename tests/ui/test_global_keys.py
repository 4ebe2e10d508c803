"""Keys of every program as the settings tell of them; the portal is pretended here."""

import os
from collections.abc import Callable, Mapping, Sequence

import pytest
from PySide6.QtWidgets import QLabel

from hanlin.settings.schema import SettingsSchema
from hanlin_bench.bench import Bench
from hanlin_ui import desktop_bus, portal
from hanlin_ui.portal import Standing, Wish
from hanlin_ui.settings.dialog import SettingsDialog
from hanlin_ui.settings.row import SettingRow

KEY = SettingsSchema.global_keys.key
pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)


class PretendedPortal:
    """Remembers what it was asked; the test says what comes of it."""

    asked: list["PretendedPortal"]

    def __init__(
        self,
        wishes: Sequence[Wish],
        on_standing: Callable[[Standing, Mapping[str, str]], None],
        on_pressed: Callable[[str, str], None],
    ) -> None:
        self.wishes = wishes
        self.stand = on_standing
        self.press = on_pressed
        self.closed = False
        self.asked.append(self)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def portals(monkeypatch: pytest.MonkeyPatch) -> list[PretendedPortal]:
    """Let the desktop have a portal; those that were asked."""
    PretendedPortal.asked = []
    monkeypatch.setattr(portal, "PortalKeys", PretendedPortal)
    monkeypatch.setattr(desktop_bus, "is_there", lambda: True)
    return PretendedPortal.asked


def said(bench: Bench) -> str:
    """Return what the settings say of the keys, as a person reads it."""
    (dialog,) = bench.window.findChildren(SettingsDialog)
    row = next(row for row in dialog.findChildren(SettingRow) if row.key == KEY)
    return " ".join(label.text() for label in row.findChildren(QLabel) if label.isVisibleTo(row))


def test_the_settings_say_how_it_stands_and_keys_open_the_small_windows(
    bench: Bench, portals: list[PretendedPortal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    bench.window.menus.settings_requested.emit()
    assert "Active" not in said(bench)
    assert not portals, "nobody is asked before it is wanted"
    bench.app.settings.global_keys = True
    bench.until(lambda: "being asked" in said(bench))
    (asked,) = portals
    assert [one.name for one in asked.wishes] == ["quick", "translate"]
    asked.stand(Standing.ACTIVE, {"quick": "Super+Space", "translate": "Super+T"})
    bench.until(lambda: "Quick question: Super+Space" in said(bench))
    asked.press("quick", "token")
    bench.until(lambda: bench.workbench.quick is not None)
    assert os.environ.pop("XDG_ACTIVATION_TOKEN") == "token"
    asked.press("translate", "")
    bench.until(lambda: bench.workbench.quick_translation is not None)
    asked.stand(Standing.REFUSED, {})
    bench.until(lambda: "did not grant" in said(bench) and "hanlin quick" in said(bench))
    bench.app.settings.global_keys = False
    bench.until(lambda: asked.closed and "hanlin quick" not in said(bench))


def test_a_desktop_without_a_bus_is_told_the_other_way(bench: Bench) -> None:
    bench.app.settings.global_keys = True
    bench.window.menus.settings_requested.emit()
    bench.until(lambda: "no portal" in said(bench) and "hanlin quick" in said(bench))
