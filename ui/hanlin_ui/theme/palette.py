"""The colours of the window, light and dark, each named by what it is for.

Two themes: paper (light) and ink (dark), with the red of a seal as the only
accent. How widgets use the colours is told in :mod:`hanlin_ui.theme.style`.
"""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, as ``#rrggbb``. Text on its ground has a contrast of at least 4.5."""

    name: str
    ground: str
    """Behind the transcript."""
    panel: str
    """Behind the sidebar and the status line."""
    raised: str
    """Behind what is typed into, menus and dialogs."""
    bubble: str
    """Behind a person's own message."""
    code: str
    border: str
    rim: str
    """Around what lies above the rest: menus, lists that open, tooltips."""
    shadow: int
    """How dark each layer of a shadow is, of 255; 0: there is none."""
    edge: str
    """Around what has the keyboard's attention, and handles."""
    hover: str
    selected: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    link: str
    warning: str
    warning_ground: str
    good: str
    """What is as it should be, on any ground; ``bad`` the same for what cannot be."""
    bad: str
    selection: str
    keyword: str
    string: str
    comment: str
    number: str
    function: str


PAPER = Theme(
    name="light",
    ground="#fdfcf9",
    panel="#f5f2eb",
    raised="#ffffff",
    bubble="#f1ece1",
    code="#f6f3ec",
    border="#e2dccf",
    rim="#d0c7b6",
    shadow=3,
    edge="#bdb4a3",
    hover="#ebe6da",
    selected="#e4dccb",
    text="#23201c",
    muted="#6f685d",
    accent="#a5382a",
    accent_hover="#8f2e22",
    on_accent="#ffffff",
    link="#1d5a9e",
    warning="#7a4b00",
    warning_ground="#fbf0d4",
    good="#2f6b3a",
    bad="#a5382a",
    selection="#f0cfc2",
    keyword="#8a2f6d",
    string="#2f6b3a",
    comment="#706959",
    number="#9a4a00",
    function="#1d5a9e",
)

INK = Theme(
    name="dark",
    ground="#1f1e1c",
    panel="#191816",
    raised="#292724",
    bubble="#302d29",
    code="#262421",
    border="#3b3833",
    rim="#4d4942",
    shadow=11,
    edge="#5e584f",
    hover="#2b2926",
    selected="#38342e",
    text="#e8e4db",
    muted="#a59d8f",
    accent="#c04f3d",
    accent_hover="#d0604d",
    on_accent="#ffffff",
    link="#86b8f0",
    warning="#f0c674",
    warning_ground="#3a311d",
    good="#9cc58f",
    bad="#f09a88",
    selection="#6b3a2f",
    keyword="#d79bc5",
    string="#9cc58f",
    comment="#958d7c",
    number="#e0a56b",
    function="#86b8f0",
)


PAPER_CLEAR = Theme(
    name="light, clear",
    ground="#ffffff",
    panel="#ffffff",
    raised="#ffffff",
    bubble="#f0f0f0",
    code="#f6f6f6",
    border="#6a6a6a",
    rim="#6a6a6a",
    shadow=0,
    edge="#000000",
    hover="#e2e2e2",
    selected="#d4d4d4",
    text="#000000",
    muted="#333333",
    accent="#8c1a0d",
    accent_hover="#6c1108",
    on_accent="#ffffff",
    link="#003a80",
    warning="#4a2d00",
    warning_ground="#fff4cc",
    good="#0b4a1b",
    bad="#8c1a0d",
    selection="#ffd24d",
    keyword="#6b0f4f",
    string="#0b4a1b",
    comment="#404040",
    number="#6a2f00",
    function="#003a80",
)

INK_CLEAR = Theme(
    name="dark, clear",
    ground="#000000",
    panel="#000000",
    raised="#0c0c0c",
    bubble="#1e1e1e",
    code="#121212",
    border="#909090",
    rim="#909090",
    shadow=0,
    edge="#ffffff",
    hover="#2c2c2c",
    selected="#3a3a3a",
    text="#ffffff",
    muted="#d6d6d6",
    accent="#ffb3a3",
    accent_hover="#ffd0c6",
    on_accent="#000000",
    link="#a8d1ff",
    warning="#ffe08a",
    warning_ground="#2a2200",
    good="#b5f0ab",
    bad="#ffb3a3",
    selection="#6a4a00",
    keyword="#ffb8e8",
    string="#b5f0ab",
    comment="#cfcfcf",
    number="#ffcf99",
    function="#a8d1ff",
)
"""Text on its ground has a contrast of at least 7, as it has in PAPER_CLEAR."""


def qt_palette(theme: Theme) -> QPalette:
    """Return the Qt palette of ``theme``, for everything the style draws by itself."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.ground,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.raised,
        QPalette.ColorRole.AlternateBase: theme.panel,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.panel,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.on_accent,
        QPalette.ColorRole.Light: theme.raised,
        QPalette.ColorRole.Midlight: theme.hover,
        QPalette.ColorRole.Mid: theme.border,
        QPalette.ColorRole.Dark: theme.muted,
        QPalette.ColorRole.Shadow: theme.border,
        QPalette.ColorRole.Highlight: theme.selection,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.Link: theme.link,
        QPalette.ColorRole.LinkVisited: theme.link,
        QPalette.ColorRole.Accent: theme.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return palette
