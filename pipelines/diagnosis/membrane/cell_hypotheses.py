"""Hypotheses on why the measured constants of a cell differ between two runs.

A hypothesis predicts all constants of both runs from the parameters of one cell, an integration
scheme of each run, and at most one parameter that differs. It is accepted if all constants agree
within their errors (`constants_model`).
"""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.diagnosis.membrane.constants_model import ConstantsOfBoth, Explanation, Hypothesis
from pipelines.diagnosis.membrane.integration_schemes import (
    COMMON_SCHEMES,
    EXACT,
    OTHER_SCHEMES,
    Scheme,
)
from pipelines.diagnosis.membrane.membrane_fit import Constants

EXCHANGED = "tau_syn_E and tau_syn_I exchanged"
"""Name of the cause of time constants that are exchanged."""

# Difference in standard errors from which the number of free parameters decides.
_PRECISE = 50.0


def explanations(
    a: Constants, b: Constants, timestep: float, v_rest: float | None = None
) -> list[Explanation] | None:
    """Hypotheses that explain the difference of the constants of two runs.

    Parameters
    ----------
    a, b
        Constants of one neuron in each run.
    timestep
        In ms.
    v_rest
        Resting potential (mV) that both runs were asked for; None if unknown.

    Returns
    -------
    list of Explanation or None
        None if the constants are the same; empty if no hypothesis explains the difference. Those
        with the fewest free parameters; one more is allowed if the constants are known coarsely.
    """
    data = ConstantsOfBoth(a, b, timestep, v_rest)
    if data.fit(Hypothesis((), (EXACT, EXACT))) is not None:
        return None
    hypotheses = [*_with_one_scheme(EXACT, data), *_with_two_schemes(data)]
    found = [one for one in map(data.fit, hypotheses) if one is not None]
    if not found:
        # Both runs may have another scheme.
        schemes = () if "cm" in data.names else COMMON_SCHEMES
        hypotheses = [one for scheme in schemes for one in _with_one_scheme(scheme, data)]
        found = [one for one in map(data.fit, hypotheses) if one is not None]
    if not found:
        return []
    fewest = min(one.free for one in found)
    most = fewest if data.largest_difference() > _PRECISE else fewest + 1
    return [one for one in found if one.free <= most]


def _with_one_scheme(scheme: Scheme, data: ConstantsOfBoth) -> Iterator[Hypothesis]:
    """Hypotheses of a parameter that differs, if both runs have the same integration scheme."""
    both = (scheme, scheme)
    for kind in ("isyn", "gsyn"):
        if {f"tau {kind}_exc", f"tau {kind}_inh"} <= set(data.names):
            yield Hypothesis((EXCHANGED,), both, "exchange")
    # If v_rest is known, it says how the level moves.
    for moves in (False, True) if data.v_rest is None else (True,):
        yield Hypothesis(("different tau_m",), both, "tau_m", moves)
        yield Hypothesis(("different cm",), both, "cm", moves)
    yield Hypothesis(("different v_rest", "different i_offset"), both, "level")
    for name in data.names:
        kind, _, given = name.partition(" ")
        receptor = "E" if given.endswith("exc") else "I"
        if kind == "tau":
            other = f"tau {given[:-3]}{'inh' if receptor == 'E' else 'exc'}"
            # Without input of the other receptor both may be exchanged.
            exchanged = () if other in data.names else (EXCHANGED,)
            yield Hypothesis((f"different tau_syn_{receptor}", *exchanged), both, name)
        elif kind == "e_rev":
            yield Hypothesis((f"different e_rev_{receptor}",), both, name)
    yield Hypothesis(("different time step in the equations",), both, "step")


def _with_two_schemes(data: ConstantsOfBoth) -> Iterator[Hypothesis]:
    """Hypotheses of an integration scheme that differs, as far as tau_m agrees with them."""
    for scheme in OTHER_SCHEMES:
        for which, schemes in ((1, (EXACT, scheme)), (0, (scheme, EXACT))):
            if "cm" not in data.names and data.agrees_in_tau_m(scheme, which):
                yield Hypothesis((scheme.cause,), schemes, meaning=scheme.meaning, which=which)
