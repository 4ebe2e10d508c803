"""From the form asked of an answer to a grammar that llama.cpp enforces."""

import importlib
import json

from hanlin.domain.generation import Form
from hanlin.engine.protocol import Code
from hanlin.engine.worker.model import RefusedError


def grammar_of(form: Form | None) -> str:
    """Return the grammar for ``form``, "" for none. Raises RefusedError.

    Whether a grammar can be read is found out by the sampler that is made of it.
    """
    if form is None:
        return ""
    if not form.json_schema:
        return form.grammar
    try:
        json.loads(form.json_schema)
    except ValueError as error:
        raise RefusedError(Code.FORM, str(error)) from error
    # Part of the binding's Python, without a call into its library.
    converter = importlib.import_module("llama_cpp.llama_grammar")
    try:
        return str(converter.json_schema_to_gbnf(form.json_schema))
    except Exception as error:  # it asserts, and looks into what may not be there
        detail = f"{type(error).__name__}: {error}"
        raise RefusedError(Code.FORM, detail[:200]) from error
