"""A desktop's portal for keys, as a program: on a bus of the test's own, pressing keys itself.

``python -m hanlin_fakes.portal [refuse|close]`` answers as the interface's documentation
(flatpak.github.io/xdg-desktop-portal, GlobalShortcuts, version 1) says, grants every key under
a name of its own, and presses each once. ``refuse`` stands for a person who says no, ``close``
for a desktop that takes the keys back after they were pressed.
"""

import sys
from typing import Any, Final

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

PORTAL: Final = "org.freedesktop.portal.Desktop"
PATH: Final = "/org/freedesktop/portal/desktop"
SHORTCUTS: Final = "org.freedesktop.portal.GlobalShortcuts"
TOKEN: Final = "a-token"  # noqa: S105 - a word that comes back


class Portal:
    """Serves one caller until the bus ends."""

    def __init__(self, bus: DBusConnection, manner: str) -> None:
        self._bus = bus
        self._manner = manner

    def serve(self) -> None:
        """Answer calls."""
        while True:
            message = self._bus.receive()
            if message.header.message_type is MessageType.method_call:
                self._answer(message)

    def _answer(self, call: Message) -> None:
        member = call.header.fields[HeaderFields.member]
        if member == "Get" and call.body == (SHORTCUTS, "version"):
            self._bus.send(new_method_return(call, "v", (("u", 1),)))
        elif member == "CreateSession":
            session = f"{PATH}/session/{call.body[0]['session_handle_token'][1]}"
            self._later(call, call.body[0], {"session_handle": ("s", session)})
        elif member == "BindShortcuts":
            self._bind(call)
        else:  # an older portal has no registry
            error = "org.freedesktop.DBus.Error.UnknownMethod"
            self._bus.send(new_error(call, error, "s", (str(member),)))

    def _bind(self, call: Message) -> None:
        session, wanted, _parent, options = call.body
        if self._manner == "refuse":
            self._later(call, options, {}, refused=1)
            return
        granted = [
            (name, {"trigger_description": ("s", f"Super+{facts['preferred_trigger'][1]}")})
            for name, facts in wanted
        ]
        self._later(call, options, {"shortcuts": ("a(sa{sv})", granted)})
        for name, _facts in granted:
            options = {"activation_token": ("s", TOKEN)}
            self._say(call, PATH, SHORTCUTS, "Activated", "osta{sv}", session, name, 7, options)
        if self._manner == "close":
            self._say(call, session, "org.freedesktop.portal.Session", "Closed", "a{sv}", {})

    def _later(
        self, call: Message, options: dict[str, Any], results: dict[str, Any], refused: int = 0
    ) -> None:
        """Answer with the request's handle, and then with what came of it."""
        caller = str(call.header.fields[HeaderFields.sender]).lstrip(":").replace(".", "_")
        handle = f"{PATH}/request/{caller}/{options['handle_token'][1]}"
        self._bus.send(new_method_return(call, "o", (handle,)))
        request = "org.freedesktop.portal.Request"
        self._say(call, handle, request, "Response", "ua{sv}", refused, results)

    def _say(
        self, call: Message, path: str, interface: str, member: str, signature: str, *body: object
    ) -> None:
        signal = new_signal(DBusAddress(path, interface=interface), member, signature, body)
        signal.header.fields[HeaderFields.destination] = call.header.fields[HeaderFields.sender]
        self._bus.send(signal)


def main() -> None:
    """Take the name and serve."""
    with open_dbus_connection() as bus:
        bus.send_and_get_reply(message_bus.RequestName(PORTAL))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        Portal(bus, sys.argv[1] if len(sys.argv) > 1 else "grant").serve()


if __name__ == "__main__":
    main()
