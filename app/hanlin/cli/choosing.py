"""The words of the command line for how each next token is chosen."""

import argparse
from collections.abc import Callable
from typing import Any

from hanlin.domain.biases import MOST, read_bias
from hanlin.domain.generation import SAMPLING_LIMITS, Sampling, TokenBias
from hanlin.domain.models import ModelDefaults
from hanlin.kernel.i18n import _

_WHOLE = ("top_k", "seed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the words; what is not said is left to the model's own choices and its maker."""
    group = parser.add_argument_group(_("how each next token is chosen"))
    for name, what in (
        ("seed", _("the same seed, the same answer")),
        ("temperature", _("0: always the same")),
        ("top_k", _("only the N likeliest tokens; 0 is all")),
        ("top_p", _("only the likeliest tokens that make up this share")),
        ("min_p", _("only tokens this likely beside the likeliest")),
        ("repeat_penalty", _("1 is none; little above it is much")),
        ("presence_penalty", _("0 is none; helps against loops")),
        ("frequency_penalty", _("0 is none; grows with each time that a token was written")),
        ("dry", _("0 is none, 0.8 usual: against going on with what was written before")),
    ):
        word = f"--{name.replace('_', '-')}"
        group.add_argument(word, type=_number(name), metavar="N", help=what)
    group.add_argument(
        "--logit-bias",
        dest="bias",
        type=_bias,
        action="append",
        metavar=_("WORD=N"),
        help=_("a word comes more often, or more rarely (-100: never); #ID for a token’s number"),
    )


def over(arguments: argparse.Namespace, sampling: Sampling) -> Sampling:
    """Return ``sampling`` with what the command line says instead."""
    said: dict[str, Any] = {name: getattr(arguments, name) for name in SAMPLING_LIMITS}
    bias = tuple(arguments.bias) if arguments.bias else None
    return ModelDefaults(**said, bias=bias).over(sampling)


def _number(name: str) -> Callable[[str], float]:
    low, high = SAMPLING_LIMITS[name]

    def read(text: str) -> float:
        number = int(text) if name in _WHOLE else float(text)
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                _("must be from {low} to {high}").format(low=f"{low:g}", high=f"{high:.10g}")
            )
        return number

    return read


def _bias(text: str) -> TokenBias:
    bias = read_bias(text)
    if bias is None:
        raise argparse.ArgumentTypeError(
            _("write a word, = and a number from -{most} to {most}").format(most=f"{MOST:g}")
        )
    return bias
