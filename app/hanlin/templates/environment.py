"""The Jinja environment of the template child: the only module that imports jinja2.

It bounds what a template can reach and how much it can write. How long it may
take and how much memory it may use is bounded from outside, by the process.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Never, TypeVar

from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import SandboxedEnvironment

Message = Mapping[str, object]
Render = Callable[[Sequence[Message], Mapping[str, object]], str]
T = TypeVar("T")

OUTPUT_LIMIT = 1 << 20
"""Characters a template may write beyond four times what it was given."""


class TemplateRefused(Exception):
    """The template could not be used. ``code`` is one of ``hanlin.templates.reasons``."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class _Raised(TemplateError):
    """The template called ``raise_exception``."""


class _Generation(Extension):
    """``{% generation %}`` marks training targets: its body is rendered as it stands."""

    tags = {"generation"}  # noqa: RUF012 - jinja2's own interface

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Return the body between the two tags."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def compile_template(source: str) -> Render:
    """Return the function that renders ``source`` for messages and variables.

    The environment is not the immutable one: some makers' templates append to lists.
    The caller passes fresh values each time, so a template changes nothing but its own.
    Both steps raise TemplateRefused.
    """
    environment = SandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _Generation]
    )
    environment.globals.pop("lipsum")
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = _strftime_now
    environment.filters["tojson"] = _tojson
    template = _guarded(lambda: environment.from_string(source))

    def render(messages: Sequence[Message], variables: Mapping[str, object]) -> str:
        limit = OUTPUT_LIMIT + 4 * sum(len(str(value)) for m in messages for value in m.values())

        def write() -> str:
            pieces: list[str] = []
            written = 0
            for piece in template.generate(
                messages=messages, add_generation_prompt=True, **variables
            ):
                written += len(piece)
                if written > limit:
                    raise TemplateRefused("output", f"more than {limit} characters")
                pieces.append(piece)
            return "".join(pieces)

        return _guarded(write)

    return render


def _guarded(act: Callable[[], T]) -> T:
    try:
        return act()
    except TemplateRefused:
        raise
    except TemplateSyntaxError as error:
        raise TemplateRefused("syntax", str(error)) from error
    except SecurityError as error:
        raise TemplateRefused("security", str(error)) from error
    except _Raised as error:
        raise TemplateRefused("raised", str(error)) from error
    except (MemoryError, OverflowError) as error:
        raise TemplateRefused("memory", type(error).__name__) from error
    except RecursionError as error:
        raise TemplateRefused("depth", type(error).__name__) from error
    except Exception as error:  # whatever a foreign program does is its failure, not ours
        raise TemplateRefused("error", f"{type(error).__name__}: {error}") from error


def _raise_exception(message: str) -> Never:
    raise _Raised(message)


def _strftime_now(pattern: str) -> str:
    return datetime.now().astimezone().strftime(pattern)


def _tojson(
    value: object,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    *,
    ensure_ascii: bool = False,
    sort_keys: bool = False,
) -> str:
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
        default=_listed,
    )


def _listed(value: object) -> list[object]:
    """Write what filters like ``map`` return as a list, as other renderers of templates do."""
    if isinstance(value, Iterator):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
