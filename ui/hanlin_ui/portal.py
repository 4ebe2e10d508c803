"""Keys that are heard in every program, asked of the desktop's portal, for Linux desktops.

Wayland lets no program take a key for itself: it asks the portal
(org.freedesktop.portal.GlobalShortcuts), and the desktop asks the person. What happens when
a key is pressed, and what is told of all this, does not belong here; nor does Qt, whose D-Bus
module cannot write the portal's nested lists.
"""

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from jeepney import DBusAddress, DBusErrorResponse, HeaderFields, MatchRule, Message, message_bus
from jeepney import new_method_call as method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

PORTAL: Final = "org.freedesktop.portal.Desktop"
PATH: Final = "/org/freedesktop/portal/desktop"
SHORTCUTS: Final = "org.freedesktop.portal.GlobalShortcuts"
REQUEST: Final = "org.freedesktop.portal.Request"
REGISTRY: Final = "org.freedesktop.host.portal.Registry"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"
APPLICATION: Final = "hanlin"
"""The name of the desktop entry, by which the desktop remembers what the person allowed."""
_BOTH_WAYS: Final = 2
"""SHUT_RDWR, of a module that opens connections and is not for the window."""
_SECONDS: Final = 30.0
"""For an answer that waits for no person; a portal may have to be started for it."""
_LEAVING_SECONDS: Final = 2.0
"""A bus that does not even say hello keeps nobody from leaving."""
_log = logging.getLogger(__name__)


class Standing(Enum):
    """How it stands with the keys."""

    ASKING = "asking"
    """The desktop is asked, and may be asking the person."""
    ACTIVE = "active"
    REFUSED = "refused"
    """By the person or the desktop, or taken back later."""
    ABSENT = "absent"
    """There is no portal, or it knows no keys."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A key that is wished for; the person may have the desktop give another one."""

    name: str
    words: str
    """What it does."""
    key: str
    """As the portal writes keys: CTRL+SHIFT+space."""


class _RefusedError(Exception):
    """The portal, or the person, said no."""


class PortalKeys:
    """One attempt to have keys. Both callbacks come on a thread of its own.

    ``on_standing`` hears how it stands, and for each wish that was granted what its key is
    called; ``on_pressed`` hears a wish's name, and what brings a window forward on Wayland.
    """

    def __init__(
        self,
        wishes: Sequence[Wish],
        on_standing: Callable[[Standing, Mapping[str, str]], None],
        on_pressed: Callable[[str, str], None],
    ) -> None:
        self._wishes = wishes
        self._on_standing = on_standing
        self._on_pressed = on_pressed
        self._lock = threading.Lock()
        self._closing = False
        self._bus: DBusConnection | None = None
        self._heard: deque[Message] = deque()
        self._owner = ""
        """Who the portal is on the bus."""
        self._numbers = itertools.count(1)
        self._thread = threading.Thread(target=self._run, name="portal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Give the keys back; no callback comes after."""
        with self._lock:
            self._closing = True
            if self._bus is not None:
                with suppress(OSError):  # the bus was faster
                    self._bus.sock.shutdown(_BOTH_WAYS)
        self._thread.join(_LEAVING_SECONDS)

    def _run(self) -> None:
        self._tell(Standing.ASKING)
        try:
            with open_dbus_connection() as bus:
                with self._lock:
                    if self._closing:
                        return
                    self._bus = bus
                try:
                    self._converse(bus)
                finally:
                    with self._lock:
                        self._bus = None
        except _RefusedError:
            self._tell(Standing.REFUSED)
        except (OSError, KeyError, RuntimeError, DBusErrorResponse) as error:
            # No bus at all, one of a kind that is not spoken here, or one without a portal.
            _log.info("no keys by the portal: %r", error)
            self._tell(Standing.ABSENT)

    def _converse(self, bus: DBusConnection) -> None:
        rules = (
            MatchRule(type="signal", sender=PORTAL),
            _owner_changes(),
        )
        with bus.filter(MatchRule(type="signal"), queue=self._heard):
            for rule in rules:
                unwrap_msg(bus.send_and_get_reply(message_bus.AddMatch(rule), timeout=_SECONDS))
            while True:
                session = self._bind(bus)
                if not self._listen(bus, session):
                    raise _RefusedError

    def _bind(self, bus: DBusConnection) -> str:
        """Ask for the keys; return the session that has them."""
        try:  # a program that is in no sandbox says who it is; older portals guess
            self._call(bus, REGISTRY, "Register", "sa{sv}", APPLICATION, {})
        except DBusErrorResponse as error:
            _log.debug("the portal was not told who asks: %s", error.name)
        self._call(bus, PROPERTIES, "Get", "ss", SHORTCUTS, "version")
        owner = unwrap_msg(
            bus.send_and_get_reply(message_bus.GetNameOwner(PORTAL), timeout=_SECONDS)
        )
        self._owner = str(owner[0])
        made = self._request(
            bus, "CreateSession", "a{sv}", options={"session_handle_token": ("s", APPLICATION)}
        )
        session = str(made["session_handle"][1])
        wanted = [
            (one.name, {"description": ("s", one.words), "preferred_trigger": ("s", one.key)})
            for one in self._wishes
        ]
        bound = self._request(bus, "BindShortcuts", "oa(sa{sv})sa{sv}", session, wanted, "")
        self._tell_keys(bound["shortcuts"][1])
        return session

    def _listen(self, bus: DBusConnection, session: str) -> bool:
        """Hear keys until the portal is another one; False when the desktop takes them back."""
        while True:
            signal = self._next(bus)
            member = _field(signal, HeaderFields.member)
            if member == "NameOwnerChanged" and signal.body[2]:
                return True
            if _field(signal, HeaderFields.sender) != self._owner:
                continue
            if member == "Closed" and _field(signal, HeaderFields.path) == session:
                return False
            if member == "Activated" and signal.body[0] == session:
                token = signal.body[3].get("activation_token", ("s", ""))
                self._on_pressed(str(signal.body[1]), str(token[1]))
            elif member == "ShortcutsChanged" and signal.body[0] == session:
                self._tell_keys(signal.body[1])

    def _request(
        self,
        bus: DBusConnection,
        method: str,
        signature: str,
        *body: object,
        options: Mapping[str, tuple[str, object]] | None = None,
    ) -> dict[str, Any]:
        """Ask something that the portal answers later, perhaps after asking the person."""
        token = f"{APPLICATION}{next(self._numbers)}"
        with_token = {**(options or {}), "handle_token": ("s", token)}
        handle = self._call(bus, SHORTCUTS, method, signature, *body, with_token)[0]
        while True:
            signal = self._next(bus)
            answers = _field(signal, HeaderFields.interface) == REQUEST
            if answers and _field(signal, HeaderFields.path) == handle:
                refused, results = signal.body
                if refused:
                    raise _RefusedError
                return dict(results)

    def _call(
        self, bus: DBusConnection, interface: str, method: str, signature: str, *body: object
    ) -> tuple[Any, ...]:
        address = DBusAddress(PATH, bus_name=PORTAL, interface=interface)
        message = method_call(address, method, signature, body)
        return tuple(unwrap_msg(bus.send_and_get_reply(message, timeout=_SECONDS)))

    def _next(self, bus: DBusConnection) -> Message:
        return bus.recv_until_filtered(self._heard)

    def _tell_keys(self, bound: Sequence[tuple[str, Mapping[str, tuple[str, str]]]]) -> None:
        keys = {name: facts.get("trigger_description", ("s", ""))[1] for name, facts in bound}
        self._tell(Standing.ACTIVE if keys else Standing.REFUSED, keys)

    def _tell(self, standing: Standing, keys: Mapping[str, str] | None = None) -> None:
        if not self._closing:
            self._on_standing(standing, keys or {})


def _owner_changes() -> MatchRule:
    rule = MatchRule(type="signal", sender="org.freedesktop.DBus", member="NameOwnerChanged")
    rule.add_arg_condition(0, PORTAL)
    return rule


def _field(message: Message, field: HeaderFields) -> str:
    return str(message.header.fields.get(field, ""))
