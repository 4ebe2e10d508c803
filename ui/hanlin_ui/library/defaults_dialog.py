"""A person's own choices for one model: context, graphics card, thinking, sampling.

What is not chosen is left to the settings for all models, or to the model's maker.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QWidget

from hanlin.domain.generation import Sampling
from hanlin.domain.models import Model, ModelDefaults
from hanlin.kernel.i18n import _
from hanlin_models.model_defaults import LIMITS, WHOLE
from hanlin_ui.dialogs.message import MessageDialog

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
}


class DefaultsDialog(MessageDialog):
    """Edits the choices; tells them once they are to be kept."""

    def __init__(
        self, parent: QWidget, model: Model, keep: Callable[[ModelDefaults], object]
    ) -> None:
        super().__init__(
            parent,
            _("Choices for {name}").format(name=model.name),
            _("They hold for this model alone, whenever it is used."),
            _("“not set” leaves a choice to the settings, or to what the model's maker advises."),
        )
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(9)
        self._thinking = QComboBox()
        for words, value in ((_("not set"), None), (_("on"), True), (_("off"), False)):
            self._thinking.addItem(words, value)
        self._thinking.setCurrentIndex(self._thinking.findData(model.defaults.thinking))
        self._spins = {name: self._spin(name, field, model) for name, field in _FIELDS.items()}
        for place, (name, spin) in enumerate(self._spins.items()):
            form.addRow(_FIELDS[name].label(), spin)
            if place == 1:
                form.addRow(_("Thinking"), self._thinking)
                self._thinking.setAccessibleName(_("Thinking"))
        self.extra.addLayout(form)
        self.add_button(_("Cancel"))
        self.add_button(_("Set nothing"), lambda: keep(ModelDefaults()))
        self.add_button(_("Keep"), lambda: keep(self.choices()), primary=True)

    def choices(self) -> ModelDefaults:
        """Return what is chosen now."""
        chosen = {name: self._value(name, spin) for name, spin in self._spins.items()}
        return ModelDefaults(
            thinking=self._thinking.currentData(),
            **{name: value for name, value in chosen.items() if value is not None},  # type: ignore[arg-type] # whole where it has to be
        )

    def _spin(self, name: str, field: _Field, model: Model) -> QDoubleSpinBox:
        low, high = LIMITS[name]
        spin = QDoubleSpinBox()
        spin.setDecimals(field.decimals)
        spin.setSingleStep(field.step)
        spin.setRange(low - field.step, high)  # one step below the least stands for no choice
        spin.setSpecialValueText(_unset(name, model))
        spin.setToolTip(field.hint())
        spin.setAccessibleName(field.label())
        spin.setAccessibleDescription(field.hint())
        value = getattr(model.defaults, name)
        spin.setValue(spin.minimum() if value is None else value)
        return spin

    def _value(self, name: str, spin: QDoubleSpinBox) -> float | None:
        low, _high = LIMITS[name]
        if spin.value() < low:
            return None
        return int(spin.value()) if name in WHOLE else spin.value()


def _unset(name: str, model: Model) -> str:
    advised = getattr(model.sampling, name, None) if isinstance(model.sampling, Sampling) else None
    if advised is None:
        return _("not set")
    return _("not set (advised: {value})").format(value=f"{advised:g}")
