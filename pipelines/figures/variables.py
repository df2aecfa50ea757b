"""State variables of neurons on the axes of figures."""

from __future__ import annotations

# PyNN's units, by name of the variable, or by its last part where a receptor comes before it.
_UNITS = {
    "v": "mV", "v_t": "mV", "u": "mV/ms", "w": "nA", "i_eta": "nA", "isyn": "nA", "isyn_exc": "nA",
    "isyn_inh": "nA", "gsyn": "uS", "gsyn_exc": "uS", "gsyn_inh": "uS", "g_r": "nS", "g_s": "nS",
    "m": "1", "h": "1", "n": "1",
}  # fmt: skip

_WORDS = {
    "v": "membrane\npotential",
    "isyn_exc": "excitatory\ncurrent",
    "isyn_inh": "inhibitory\ncurrent",
    "gsyn_exc": "excitatory\nconductance",
    "gsyn_inh": "inhibitory\nconductance",
}


def unit_of(variable: str) -> str:
    """PyNN's unit of a state variable; empty where it is not known."""
    return _UNITS.get(variable) or _UNITS.get(variable.rpartition(".")[2], "")


def label_of(variable: str) -> str:
    """Axis label of a state variable in words, in two lines, with its unit in PyNN where known."""
    unit = unit_of(variable)
    words = _WORDS.get(variable, variable)
    return f"{words} ({unit})" if unit else words
