"""Entries of the causes that the recorded state of neurons can show."""

from __future__ import annotations

from pipelines.diagnosis.cause_kind import CauseKind

_FIT = (
    "The constants of the cell are fitted to the state of recorded neurons in each run, with their"
    " covariance; all constants of both runs must agree within their errors with one cell in which"
    " this alone differs."
)
_SCHEMES = (
    "forward Euler", "exponential Euler", "Runge-Kutta of low order", "implicit integration",
)  # fmt: skip


def _cell(name: str, meaning: str, signals: str, rivals: tuple[str, ...]) -> CauseKind:
    return CauseKind(
        f"different {name}", meaning, "spikes of the population come earlier or later",
        signals=signals, test=_FIT, rivals=rivals,
    )  # fmt: skip


def _scheme(name: str, meaning: str, signals: str) -> CauseKind:
    return CauseKind(
        name, meaning, "spikes are a few steps earlier or later", signals=signals,
        test=f"{_FIT} No number is free, so an agreement to many digits is no chance.",
        rivals=(*(other for other in _SCHEMES if other != name), "different tau_m",
                "different tau_syn_E", "different tau_syn_I", "different cm"),
    )  # fmt: skip


KINDS: tuple[CauseKind, ...] = (
    _cell(
        "tau_m", "the membrane time constant differs",
        "v decays with another time constant between inputs, and its response to a current changes"
        " as the equations say",
        ("different cm", "different time step in the equations", *_SCHEMES),
    ),
    _cell(
        "cm", "the capacitance differs, at the same tau_m",
        "v decays alike, but every current moves it by the same other factor",
        ("different tau_m", "different v_rest", "different i_offset", "weights scaled"),
    ),
    _cell(
        "v_rest", "the resting potential differs",
        "without input v goes to another potential, and all else is the same",
        ("different i_offset", "different cm"),
    ),
    _cell(
        "i_offset", "the constant current differs",
        "without input v goes to another potential, and all else is the same",
        ("different v_rest", "different cm"),
    ),
    _cell(
        "tau_syn_E", "the time constant of excitation differs",
        "the excitatory current or conductance decays with another time constant",
        ("tau_syn_E and tau_syn_I exchanged", *_SCHEMES),
    ),
    _cell(
        "tau_syn_I", "the time constant of inhibition differs",
        "the inhibitory current or conductance decays with another time constant",
        ("tau_syn_E and tau_syn_I exchanged", *_SCHEMES),
    ),
    _cell(
        "e_rev_E", "the reversal potential of excitation differs",
        "the effect of excitation on v vanishes at another potential", ("different cm",),
    ),
    _cell(
        "e_rev_I", "the reversal potential of inhibition differs",
        "the effect of inhibition on v vanishes at another potential", ("different cm",),
    ),
    CauseKind(
        "tau_syn_E and tau_syn_I exchanged",
        "each receptor has the time constant of the other one",
        "spikes of all neurons with synapses differ from the first input on",
        signals="excitation decays in one run as inhibition does in the other, and vice versa",
        test=_FIT, rivals=("different tau_syn_E", "different tau_syn_I"),
    ),
    CauseKind(
        "different time step in the equations",
        "the equations of the cell are solved for another step than the clock's",
        "all intervals are longer or shorter",
        signals="all time constants differ by one factor, and every current moves v as in a step of"
        " another length",
        test=_FIT, rivals=("different tau_m", *_SCHEMES),
    ),
    CauseKind(
        "different cell constants",
        "constants of the cell differ, but no single change that is known explains all of them",
        "spikes of the population come earlier or later",
        signals="fitted constants differ by more than their errors",
        test="Named with the measured numbers if every hypothesis is rejected.",
    ),
    CauseKind(
        "rounding", "one run keeps its state with fewer digits",
        "few spikes differ, each by a step, in either direction",
        signals="nearly all samples of v are numbers of 32 bits, or of six decimals",
        test="Named if constants fitted to both runs agree.", rivals=("signals rounded",),
    ),
    _scheme(
        "forward Euler", "one run integrates the cell by forward Euler, the other exactly",
        "v decays by 1 - h/tau_m in a step of length h (as if tau_m were -h / ln(1 - h/tau_m)), a"
        " current moves it by h/cm; currents may decay by 1 - h/tau_syn",
    ),
    _scheme(
        "exponential Euler",
        "one run holds each current constant over a step, the other integrates it exactly",
        "v and currents decay alike, but the effect of a current is that of a constant one",
    ),
    _scheme(
        "Runge-Kutta of low order",
        "one run integrates the cell by a Runge-Kutta method of order 2 or 3, the other exactly",
        "v decays by 1 - x + x^2/2 (and a term in x^3) in a step, with x = h/tau_m",
    ),
    _scheme(
        "implicit integration",
        "one run integrates the cell by backward Euler or the trapezoidal rule, the other exactly",
        "v decays by 1 / (1 + x) or (1 - x/2) / (1 + x/2) in a step, with x = h/tau_m",
    ),
    CauseKind(
        "coarser time grid", "one run advances its state only every few time steps",
        "all its spikes are at multiples of these steps",
        signals="its state changes only at every k-th step",
        test="The steps at which any variable changes have a common divisor in one run alone.",
        rivals=("times rounded",),
    ),
    CauseKind(
        "different order of updates",
        "a synaptic current acts on v one step earlier or later than in the other run",
        "spikes that inputs cause come a step earlier or later",
        signals="v[k+1] is a linear function of the current I[k+1] or I[k-1], not of I[k]",
        test="The current at each of these steps is tried; one leaves rounding errors only.",
        rivals=("different delays", *_SCHEMES),
    ),
    CauseKind(
        "noise in the membrane", "the membrane of one run gets random input in every step",
        "spikes come earlier and later, without a common shift",
        signals="what is left of v after the fit of the cell is white noise in one run, and a"
        " rounding error in the other",
        test="Standard deviation and correlation of the residuals; the noise is given in mV per"
        " step.",
        rivals=("different initial potential", "different inputs"),
    ),
    CauseKind(
        "constant shift",
        "spikes of one run have the time of the beginning of their step, or are stored late",
        "all spikes of the population are shifted by the same number of steps",
        signals="v is reset at another sample than that of the time of the spike",
        test="The sample at which v is reset is looked for from one step before to one step after"
        " each spike.",
        rivals=("one population recorded late",),
    ),
    CauseKind(
        "different initial potential", "v starts at other values",
        "early spikes of each neuron come earlier or later; later ones often agree again",
        signals="the first sample of v differs",
        digests="the digest of the inputs differs",
        test="The first samples are compared.",
    ),
    *(
        CauseKind(
            f"different initial {name}", f"{name} starts at another value", signals="its first"
            " sample differs", test="The first samples are compared.",
        )
        for name in ("isyn_exc", "isyn_inh", "gsyn_exc", "gsyn_inh")
    ),
    CauseKind(
        "different v_reset", "v is set to another potential after a spike",
        "second and later spikes of each neuron come earlier or later, first ones do not",
        signals="v after a spike is another constant",
        test="Potentials after all spikes are compared.",
        rivals=("different tau_refrac", "different tau_m"),
    ),
    CauseKind(
        "different tau_refrac", "v is held for another number of steps after a spike",
        "every interval is longer or shorter by the same number of steps",
        signals="v stays at the reset potential for another number of steps, in which a free"
        " membrane would have moved",
        test="Bounds of the number of steps, from all spikes; they must exclude each other.",
        rivals=("different v_reset",),
    ),
    CauseKind(
        "different v_thresh", "the neuron fires at another potential",
        "all spikes of the population come earlier, or all later",
        signals="a potential that makes a spike in one run makes none in the other",
        test="The highest potential without a spike and the lowest one that caused a spike bound"
        " the threshold of each run; the bounds must exclude each other.",
        rivals=("threshold tie", "different tau_m", "different v_rest", "different i_offset"),
    ),
    CauseKind(
        "threshold tie", "v meets the threshold exactly, and rounding decides",
        "one spike is a step late in one run, and all others agree until then",
        signals="the bounds of the threshold are the same round number",
        test="As for the threshold.", rivals=("different v_thresh",),
    ),
    CauseKind(
        "missing or further input", "inputs arrive in one run that do not in the other",
        "spikes differ from the first such input on",
        signals="a current or conductance jumps in one run alone, until the runs part",
        test="Jumps until the first difference of any spikes, for which presynaptic spikes are the"
        " same.",
        rivals=("different connectivity", "different inputs", "different delays"),
    ),
)  # fmt: skip
"""Causes of `from_states`; those of its inputs that tables show too are in `from_weights`."""
