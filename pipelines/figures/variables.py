"""State variables of neurons on the axes of figures."""

from __future__ import annotations

from pipelines.tables.signal_samples import unit_of_variable

_WORDS = {
    "v": "membrane\npotential",
    "isyn_exc": "excitatory\ncurrent",
    "isyn_inh": "inhibitory\ncurrent",
    "gsyn_exc": "excitatory\nconductance",
    "gsyn_inh": "inhibitory\nconductance",
}


def words_for(variable: str) -> str:
    """A state variable in words; its name where none are known."""
    return _WORDS.get(variable, variable).replace("\n", " ")


def label_of(variable: str) -> str:
    """Axis label of a state variable in words, in two lines, with its unit in PyNN where known."""
    unit = unit_of_variable(variable)
    words = _WORDS.get(variable, variable)
    return f"{words} ({unit})" if unit else words
