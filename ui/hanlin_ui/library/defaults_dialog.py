"""A person's own choices for one model: context, graphics card, thinking, sampling.

What is not chosen is left to the settings for all models, or to the model's maker.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QWidget,
)

from hanlin.domain.generation import Sampling
from hanlin.domain.models import Model, ModelDefaults
from hanlin.kernel.i18n import Said, _
from hanlin_models.model_defaults import LIMITS, WHOLE
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.library.bias_field import BiasField
from hanlin_ui.starter_card import name_now
from hanlin_ui.widgets.numbers import DecimalField
from hanlin_ui.widgets.sizes import fitting
from hanlin_ui.widgets.tips import tip

Words = Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Field:
    label: Words
    hint: Words
    step: float
    decimals: int = 2


_FIELDS: Final[dict[str, _Field]] = {
    "context": _Field(
        lambda: _("Context length"),
        lambda: _("More remembers more and takes more memory."),
        1024,
        0,
    ),
    "gpu_layers": _Field(
        lambda: _("Layers on the graphics card"), lambda: _("More is faster while they fit."), 1, 0
    ),
    "temperature": _Field(
        lambda: _("Temperature"),
        lambda: _("Higher is more surprising, 0 always the likeliest."),
        0.1,
    ),
    "top_k": _Field(
        lambda: _("Top K"), lambda: _("Only the so many likeliest tokens; 0 is all."), 5, 0
    ),
    "top_p": _Field(
        lambda: _("Top P"), lambda: _("Only the likeliest tokens that make up this share."), 0.05
    ),
    "min_p": _Field(
        lambda: _("Min P"), lambda: _("Only tokens this likely beside the likeliest."), 0.01
    ),
    "repeat_penalty": _Field(
        lambda: _("Penalty for repeating"), lambda: _("1 is none; little above it is much."), 0.05
    ),
    "presence_penalty": _Field(
        lambda: _("Penalty for what was said"), lambda: _("0 is none; helps against loops."), 0.1
    ),
    "frequency_penalty": _Field(
        lambda: _("Penalty for saying it often"),
        lambda: _("0 is none; grows with each time that a token was written."),
        0.1,
    ),
    "dry": _Field(
        lambda: _("Penalty for phrases (DRY)"),
        lambda: _("0 is none, 0.8 usual: against going on with what was written before."),
        0.1,
    ),
    "seed": _Field(
        lambda: _("Seed"),
        lambda: _("The same seed, the same answer. Each is read anew, which takes longer."),
        1,
        0,
    ),
}


_IN_LEFT_COLUMN: Final = 6
"""Choices; the others, mostly penalties, stand at the right."""


class DefaultsDialog(MessageDialog):
    """Edits the choices; tells them once they are to be kept."""

    def __init__(
        self, parent: QWidget, model: Model, keep: Callable[[ModelDefaults], object]
    ) -> None:
        super().__init__(
            parent,
            _("Choices for {name}").format(name=Said(lambda: name_now(model.name))),
            _("They hold for this model alone, whenever it is used."),
            _("“not set” leaves a choice to the settings, or to what the model's maker advises."),
        )
        self.setMinimumWidth(fitting(self, 900, 0).width())
        columns = QHBoxLayout()
        columns.setSpacing(28)
        left, right = _form(columns), _form(columns)
        self._thinking = QComboBox()
        for row, (words, value) in enumerate(
            ((_("not set"), None), (_("on"), True), (_("off"), False))
        ):
            self._thinking.addItem("", value)
            self.say(partial(self._thinking.setItemText, row), words)
        self._thinking.setCurrentIndex(self._thinking.findData(model.defaults.thinking))
        self._spins = {name: self._spin(name, field, model) for name, field in _FIELDS.items()}
        for place, (name, spin) in enumerate(self._spins.items()):
            form = left if place < _IN_LEFT_COLUMN else right
            self._add_row(form, _FIELDS[name].label(), spin)
            if place == 1:
                self._add_row(form, _("Thinking"), self._thinking)
        self._bias = BiasField(model.defaults.bias or ())
        self._add_row(right, self._bias.label, self._bias)
        self.extra.addLayout(columns)
        self.extra.addWidget(self._bias.problem)
        self.add_button(_("Cancel"))
        self.add_button(_("Set nothing"), lambda: keep(ModelDefaults()))
        done = self.add_button(_("Keep"), lambda: keep(self.choices()), primary=True)
        self._bias.correct.connect(done.setEnabled)

    def choices(self) -> ModelDefaults:
        """Return what is chosen now."""
        chosen = {name: self._value(name, spin) for name, spin in self._spins.items()}
        return ModelDefaults(
            thinking=self._thinking.currentData(),
            bias=self._bias.biases() or None,
            **{name: value for name, value in chosen.items() if value is not None},  # type: ignore[arg-type] # whole where it has to be
        )

    def _add_row(self, form: QFormLayout, words: str, field: QWidget) -> None:
        label = QLabel()
        label.setBuddy(field)
        form.addRow(label, field)
        self.say(label.setText, words)
        self.say(field.setAccessibleName, words)

    def _spin(self, name: str, field: _Field, model: Model) -> QDoubleSpinBox:
        low, high = LIMITS[name]
        spin = DecimalField()
        spin.setDecimals(field.decimals)
        spin.setSingleStep(field.step)
        spin.setRange(low - field.step, high)  # one step below the least stands for no choice
        self.say(spin.setSpecialValueText, _unset(name, model))
        self.say(lambda hint: spin.setToolTip(tip(hint)), field.hint())
        self.say(spin.setAccessibleDescription, field.hint())
        value = getattr(model.defaults, name)
        spin.setValue(spin.minimum() if value is None else value)
        return spin

    def _value(self, name: str, spin: QDoubleSpinBox) -> float | None:
        low, _high = LIMITS[name]
        if spin.value() < low:
            return None
        return int(spin.value()) if name in WHOLE else spin.value()


def _form(columns: QHBoxLayout) -> QFormLayout:
    """Add a column of choices: in a single one the dialog would be higher than small screens."""
    form = QFormLayout()
    form.setHorizontalSpacing(18)
    form.setVerticalSpacing(9)
    columns.addLayout(form, stretch=1)
    return form


def _unset(name: str, model: Model) -> str:
    advised = getattr(model.sampling, name, None) if isinstance(model.sampling, Sampling) else None
    if advised is None:
        return _("not set")
    return _("not set (advised: {value})").format(value=f"{advised:g}")
