"""The form in which commands and events travel: JSON objects, made and checked here.

Everything a worker says is checked before it is believed, because the worker reads
files from the network. What is said stands in ``commands`` and ``events``; the pipes
belong to ``hanlin.processes``.
"""

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from hanlin.engine.commands import Command
from hanlin.engine.events import Event

_COMMANDS: Final = {cls.__name__: cls for cls in typing.get_args(Command)}
_FLAT: Final = frozenset((str, int, float, bool, types.NoneType))
_EVENTS: Final = {cls.__name__: cls for cls in typing.get_args(Event)}


class MalformedMessage(Exception):
    """A message that is none of this protocol's."""


def command_to_wire(command: Command) -> dict[str, object]:
    """Return the JSON object for ``command``."""
    return {"command": type(command).__name__, **_fields(command)}


def event_to_wire(event: Event) -> dict[str, object]:
    """Return the JSON object for ``event``."""
    return {"event": type(event).__name__, **_fields(event)}


def command_from_wire(message: Mapping[str, object]) -> Command:
    """Return the command in ``message``. Raises MalformedMessage."""
    return typing.cast("Command", _named(message, "command", _COMMANDS))


def event_from_wire(message: Mapping[str, object]) -> Event:
    """Return the event in ``message``. Raises MalformedMessage."""
    return typing.cast("Event", _named(message, "event", _EVENTS))


def _fields(value: Command | Event) -> dict[str, object]:
    """Return the fields as JSON has them; ``asdict`` copies them all, which takes 10 times as long.

    What is told dozens of times a second holds nothing but numbers and texts.
    """
    found = {name: getattr(value, name) for name in _names(type(value).__name__)}
    if all(type(each) in _FLAT or isinstance(each, StrEnum) for each in found.values()):
        return found
    return dataclasses.asdict(value)


@functools.cache
def _names(name: str) -> tuple[str, ...]:
    cls = _COMMANDS.get(name) or _EVENTS[name]
    return tuple(field.name for field in dataclasses.fields(cls))


@functools.cache
def _kinds(cls: type) -> dict[str, typing.Any]:
    return typing.get_type_hints(cls)


def _named(message: Mapping[str, object], key: str, classes: Mapping[str, type]) -> object:
    cls = classes.get(str(message.get(key)))
    if cls is None:
        raise MalformedMessage(f"no such {key}: {message.get(key)!r}")
    return _decoded(cls, {name: value for name, value in message.items() if name != key})


def _decoded(kind: typing.Any, value: object) -> object:  # noqa: ANN401 - a type or a type form
    """Return ``value`` as ``kind``: a dataclass, tuple, union, enum or plain JSON type."""
    origin = typing.get_origin(kind)
    if origin is types.UnionType:
        return _decoded_union(typing.get_args(kind), value)
    if origin is tuple and isinstance(value, list):
        item = typing.get_args(kind)[0]
        return tuple(_decoded(item, each) for each in value)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        return _decoded_fields(kind, value)
    if isinstance(kind, type):
        if issubclass(kind, StrEnum) and isinstance(value, str) and value in list(kind):
            return kind(value)
        if kind is float and type(value) is int:
            return float(value)
        if type(value) is kind:  # exactly: True is no int
            return value
    raise MalformedMessage(f"{value!r:.80} is no {kind}")


def _decoded_union(kinds: tuple[typing.Any, ...], value: object) -> object:
    if value is None and types.NoneType in kinds:
        return None
    return _decoded(next(kind for kind in kinds if kind is not types.NoneType), value)


def _decoded_fields(cls: type, value: Mapping[str, object]) -> object:
    hints = _kinds(cls)
    if not value.keys() <= hints.keys():
        raise MalformedMessage(f"{cls.__name__} has no {sorted(value.keys() - hints.keys())}")
    try:
        return cls(**{name: _decoded(hints[name], value[name]) for name in value})
    except TypeError as error:  # a field is missing
        raise MalformedMessage(str(error)) from error
