"""Every setting once: its name, its kind, its default, what is allowed, and the words for it.

A settings dialog is made from this list alone. Where values are kept is the
store's business, and what they do is the business of those who read them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Protocol, Self, TypeVar, overload

from hanlin.kernel.i18n import _

T = TypeVar("T")
Words = Callable[[], str]
"""Text in the interface's language of the moment it is shown."""


class Holder(Protocol):
    """An object whose class names settings as attributes."""

    def value_of(self, setting: "Setting[T]") -> T:
        """Return the value, or the default."""
        ...

    def change(self, setting: "Setting[T]", value: T) -> None:
        """Keep another value."""
        ...


class Setting(Generic[T]):
    """One setting, read and written as a typed attribute: ``settings.thinking = False``.

    A setting without words is not shown to anybody.
    """

    key: str

    def __init__(self, default: T, label: Words | None = None, hint: Words | None = None) -> None:
        self.default = default
        self.label = label
        self.hint = hint

    def allowed(self, value: object) -> T | None:
        """Return ``value`` if it is allowed, else None."""
        raise NotImplementedError

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = name

    @overload
    def __get__(self, holder: None, owner: type) -> Self: ...
    @overload
    def __get__(self, holder: Holder, owner: type) -> T: ...
    def __get__(self, holder: Holder | None, owner: type) -> "Self | T":
        return self if holder is None else holder.value_of(self)

    def __set__(self, holder: Holder, value: T) -> None:
        holder.change(self, value)


class Switch(Setting[bool]):
    """On or off."""

    def allowed(self, value: object) -> bool | None:
        """Return ``value`` if it is a truth value."""
        return value if isinstance(value, bool) else None


class Number(Setting[int]):
    """A whole number from ``minimum`` to ``maximum``, in steps that suit a dialog."""

    def __init__(
        self,
        default: int,
        maximum: int,
        *,
        minimum: int = 0,
        step: int = 1,
        label: Words | None = None,
        hint: Words | None = None,
    ) -> None:
        super().__init__(default, label, hint)
        self.minimum = minimum
        self.maximum = maximum
        self.step = step

    def allowed(self, value: object) -> int | None:
        """Return ``value`` if it is a number in range."""
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        return value if self.minimum <= value <= self.maximum else None


class Choice(Setting[str]):
    """One of several words; ``choices`` gives what each is called.

    ``also`` gives more words by which some of them are found, in whatever language.
    """

    def __init__(
        self,
        default: str,
        choices: Mapping[str, Words],
        *,
        label: Words | None = None,
        hint: Words | None = None,
        also: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(default, label, hint)
        self.choices = choices
        self.also = also or {}

    def allowed(self, value: object) -> str | None:
        """Return ``value`` if it is one of the choices."""
        return value if isinstance(value, str) and value in self.choices else None


class Text(Setting[str]):
    """Any text."""

    def allowed(self, value: object) -> str | None:
        """Return ``value`` if it is text."""
        return value if isinstance(value, str) else None


class FontFamily(Text):
    """The name of a font family of this computer, "" for the program's own choice."""


def settings_of(owner: type) -> tuple[Setting[Any], ...]:
    """Return the settings that ``owner`` names, in the order they are written down."""
    return tuple(
        member
        for base in reversed(owner.__mro__)
        for member in vars(base).values()
        if isinstance(member, Setting)
    )


_LANGUAGES: Final = {
    "system": "language 语言",
    "zh_CN": "language Chinese simplified 语言 汉语",
    "zh_TW": "language Chinese traditional 语言 汉语",
    "en": "language 语言 英文 英语",
}
"""Whoever cannot read the interface looks for its language in their own."""


class SettingsSchema:
    """What the person chooses."""

    language = Choice(
        "system",
        {
            "system": lambda: _("As the system"),
            "zh_CN": lambda: "中文（简体）",
            "zh_TW": lambda: "中文（繁體）",
            "en": lambda: "English",
        },
        label=lambda: _("Language"),
        hint=lambda: _("The language of menus and messages. Models answer in any language."),
        also=_LANGUAGES,
    )
    keep_running = Switch(
        default=False,
        label=lambda: _("Keep running in the tray"),
        hint=lambda: _(
            "Closing the window leaves Hanlin ready behind an icon, where the desktop has a tray."
            " Quit ends it."
        ),
    )
    global_keys = Switch(
        default=False,
        label=lambda: _("Keys for every program"),
        hint=lambda: _(
            "Quick questions, and translating what is selected, from any program. Desktops with a"
            " portal for it ask you once."
        ),
    )
    appearance = Choice(
        "system",
        {
            "system": lambda: _("As the system"),
            "light": lambda: _("Light"),
            "dark": lambda: _("Dark"),
        },
        label=lambda: _("Theme"),
    )
    high_contrast = Switch(
        default=False,
        label=lambda: _("High contrast"),
        hint=lambda: _("Black on white, or white on black, with clear outlines."),
    )
    text_percent = Number(
        100,
        200,
        minimum=70,
        step=10,
        label=lambda: _("Size of text"),
        hint=lambda: _("In percent. Ctrl++ and Ctrl+- change it anywhere, Ctrl+0 resets it."),
    )
    font_family = FontFamily(
        "",
        label=lambda: _("Font"),
        hint=lambda: _("What it cannot draw is drawn with the next best font."),
    )
    density = Choice(
        "comfortable",
        {"comfortable": lambda: _("Comfortable"), "compact": lambda: _("Compact")},
        label=lambda: _("Spacing"),
    )
    menu_bar = Switch(
        default=False,
        label=lambda: _("Menu bar always in sight"),
        hint=lambda: _("Otherwise its menus open from the button at the top left, or with Alt."),
    )
    reduce_motion = Switch(
        default=False,
        label=lambda: _("Reduce motion"),
        hint=lambda: _("Nothing blinks, and answers arrive in calm steps."),
    )
    thinking = Switch(
        default=False,
        label=lambda: _("Let models think before they answer"),
        hint=lambda: _("Slower, and sometimes better. Only some models can be switched."),
    )
    thinking_budget = Number(
        0,
        1_000_000,
        step=256,
        label=lambda: _("Tokens of thought at most"),
        hint=lambda: _("After so many of them a model has to answer. 0 sets no limit."),
    )
    tools = Switch(
        default=False,
        label=lambda: _("Let models use tools"),
        hint=lambda: _(
            "Calculator, clock, unit conversion, files that you name, and attached documents. Every"
            " call is shown and waits for your word. Models that know no tools are not told of"
            " them."
        ),
    )
    run_code = Switch(
        default=False,
        label=lambda: _("Let Python code run"),
        hint=lambda: _(
            "Blocks of Python in answers get a sandbox without network and without your files."
            " Linux only, so far."
        ),
    )
    effort = Text("")
    """How much to think, in the words of the templates that have some; chosen at the composer."""
    answer_language = Choice(
        "",
        {
            "": lambda: _("As the model chooses"),
            "zh_CN": lambda: "中文（简体）",
            "zh_TW": lambda: "中文（繁體）",
            "en": lambda: "English",
        },
        label=lambda: _("Language of answers"),
        hint=lambda: _("An answer in another language is asked for once more."),
        also=_LANGUAGES,
    )
    context = Number(
        0,
        1_048_576,
        step=1024,
        label=lambda: _("Context length"),
        hint=lambda: _("How many tokens a model keeps in mind. 0 chooses by the free memory."),
    )
    graphics = Choice(
        "auto",
        {"auto": lambda: _("Automatic"), "off": lambda: _("Off: the processor computes")},
        label=lambda: _("Graphics card"),
        hint=lambda: _("A card is tried out first; what does not fit on it, the processor does."),
    )
    gpu_layers = Number(
        0,
        1000,
        label=lambda: _("Layers on the graphics card"),
        hint=lambda: _("How much of a model the card computes. 0 chooses by its free memory."),
    )
    threads = Number(
        0,
        512,
        label=lambda: _("Processor threads"),
        hint=lambda: _("How many threads compute. 0 measures once for each model."),
    )
    cache_type = Choice(
        "f16",
        {
            "f16": lambda: _("Exact (f16)"),
            "q8_0": lambda: _("Half the memory (q8_0)"),
            "q4_0": lambda: _("A quarter of the memory (q4_0)"),
        },
        label=lambda: _("Memory for the context"),
        hint=lambda: _("Packed, a longer context fits; answers may become a little worse."),
    )
    when_full = Choice(
        "ask",
        {
            "ask": lambda: _("Ask me"),
            "summarise": lambda: _("Summarise older turns"),
            "drop": lambda: _("Leave out the oldest turns"),
        },
        label=lambda: _("When the context is nearly full"),
        hint=lambda: _("What a model cannot keep in mind stays in the conversation for you."),
    )
    kept_states = Number(
        2,
        1000,
        label=lambda: _("Disk space for reopening conversations"),
        hint=lambda: _(
            "In gigabytes. What a model has read is kept, encrypted, so that long conversations"
            " go on at once. 0 keeps nothing."
        ),
    )
    shortcuts = Text("")
    """The person's own keys, as JSON by the names of the window's actions."""
    model_for_chat = Text("")
    """The id of the model that answers when the program starts, "" for the last used one."""
    model_for_coding = Text("")
    model_for_translation = Text("")
    model_for_pictures = Text("")
    idle_minutes = Number(
        0,
        1440,
        step=5,
        label=lambda: _("Unload an idle model"),
        hint=lambda: _(
            "After so many minutes its memory is free; the next question loads it. 0: never."
        ),
    )
    never_connect = Switch(
        default=False,
        label=lambda: _("Never connect"),
        hint=lambda: _("No model can be searched for or downloaded; nothing else ever connects."),
    )
    model_sources = Choice(
        "all",
        {
            "all": lambda: _("Hugging Face, its mirrors, ModelScope"),
            "hub": lambda: _("Hugging Face only"),
            "own": lambda: _("My own source only"),
        },
        label=lambda: _("Where models come from"),
        hint=lambda: _("Wherever the bytes come from, each file's checksum is verified."),
    )
    download_limit = Number(
        0,
        10_000_000,
        step=100,
        label=lambda: _("Speed limit of downloads"),
        hint=lambda: _("In kilobytes a second. 0 is no limit."),
    )
    own_source = Text(
        "",
        label=lambda: _("My own source of models"),
        hint=lambda: _(
            "https addresses like the Hub’s, or folders; several with “;” between them. "
            "They are asked first, in this order."
        ),
    )
    proxy = Text(
        "",
        label=lambda: _("Proxy for downloads"),
        hint=lambda: _(
            "Such as http://127.0.0.1:7890 or socks5://127.0.0.1:7891. "
            "Empty: the system’s. “none”: without one."
        ),
    )
    extra_authorities = Text(
        "",
        label=lambda: _("Certificates to trust"),
        hint=lambda: _("A file with certificate authorities of your company, if there is one."),
    )


class StateSchema:
    """What the program remembers by itself."""

    last_model = Text("")
    loading_model = Text("")
    recent_models = Text("")
    """Ids of models, the last used first, with blanks between them."""
    own_models = Text("")
    """Which model was chosen by hand in which conversation: ids, as ``conversation=model``."""
    missed_models = Text("")
    """What was told of models' files that are gone or changed, with blanks between."""
    last_conversation = Text("")
    code_folder = Text("")
    """The folder of code that was opened last."""
    translation_target = Text("")
    """The code of the language that was last chosen to translate into."""
    memory_speed = Number(0, 10**15)
    """Bytes of a model a second that this computer reached when it was measured; 0: never."""
    card_speed = Number(0, 10**15)
    """The same of the graphics card."""
    window_geometry = Text("")
    """Base64 of the toolkit's own bytes."""
    window_layout = Text("")
    """Base64 of the toolkit's own bytes."""
    code_width = Number(0, 10_000)
    """Pixels of the left side while it shows a folder of code; 0: never chosen."""
