"""The child that finds what a source file defines; runs in its own sandboxed process."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

import tree_sitter_c
import tree_sitter_go
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_python
import tree_sitter_rust
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from hanlin.processes import child
from hanlin.processes.channel import Channel, Message

_GRAMMARS: Final = {
    "python": tree_sitter_python.language,
    "javascript": tree_sitter_javascript.language,
    "typescript": tree_sitter_typescript.language_typescript,
    "tsx": tree_sitter_typescript.language_tsx,
    "java": tree_sitter_java.language,
    "go": tree_sitter_go.language,
    "rust": tree_sitter_rust.language,
    "c": tree_sitter_c.language,
}
_KINDS: Final[Mapping[str, str]] = {
    "function_definition": "function",
    "class_definition": "class",
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "method_definition": "function",
    "interface_declaration": "class",
    "enum_declaration": "class",
    "record_declaration": "class",
    "type_alias_declaration": "class",
    "method_declaration": "function",
    "constructor_declaration": "function",
    "type_spec": "class",
    "function_item": "function",
    "struct_item": "class",
    "enum_item": "class",
    "trait_item": "class",
    "impl_item": "class",
    "mod_item": "class",
    "struct_specifier": "class",
}
_BODIED: Final = frozenset({"struct_specifier"})
"""Kinds that are definitions only with a body; without one they are mentions."""
_MOST: Final = 2_000
_DEEPEST: Final = 60


def main(channel: Channel) -> int:
    """Answer ``symbols`` until told to end; return the exit status."""
    return child.serve(channel, {"symbols": _symbols})


def _symbols(message: Message, payload: bytes) -> child.Answer:
    """Return the definitions in the payload as lists of name, kind, lines and depth."""
    language = Language(_GRAMMARS[str(message["language"])]())
    tree = Parser(language).parse(payload)
    found = []
    for one in _definitions(tree.root_node, 0, 0):
        found.append(one)
        if len(found) == _MOST:
            break
    return {}, json.dumps(found).encode()


def _definitions(node: Node, depth: int, deep: int) -> Iterator[tuple[str, str, int, int, int]]:
    if deep > _DEEPEST:
        return
    for one in node.named_children:
        kind = _KINDS.get(one.type)
        bare = one.type in _BODIED and one.child_by_field_name("body") is None
        name = _name(one) if kind and not bare else ""
        if kind and name:
            whole = one.parent if one.parent and one.parent.type in _WRAPPERS else one
            yield name, kind, whole.start_point[0], _last(whole), depth
            yield from _definitions(one, depth + 1, deep + 1)
        elif one.type == "variable_declarator" and _holds_function(one):
            yield _name(one), "function", one.start_point[0], _last(one), depth
        else:
            yield from _definitions(one, depth, deep + 1)


_WRAPPERS: Final = frozenset({"decorated_definition", "export_statement", "type_declaration"})


def _last(node: Node) -> int:
    row, column = node.end_point
    return row if column or row == node.start_point[0] else row - 1


def _holds_function(node: Node) -> bool:
    value = node.child_by_field_name("value")
    return value is not None and value.type in {"arrow_function", "function_expression"}


def _name(node: Node) -> str:
    at = node.child_by_field_name("name")
    if at is None:  # C says a function's name within its declarator, Rust whose methods they are
        at = node
        while (inner := at.child_by_field_name("declarator")) is not None:
            at = inner
    if at is node:
        at = node.child_by_field_name("type")
    if at is None:
        return ""
    return (at.text or b"").decode("utf-8", "replace").split("\n")[0][:80]
