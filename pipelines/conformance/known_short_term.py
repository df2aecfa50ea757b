"""Known differences: short-term plasticity."""

from __future__ import annotations

from .difference import RECONCILED, Difference

KNOWN = (
    Difference(
        row="short-term plasticity",
        construct="TsodyksMarkramSynapse",
        behaviour={
            "nest": "ok",
            "brian2": "fails with the default tau_facil; does not facilitate; tau_rec is unused",
        },
        right="Tsodyks, Uziel and Markram (2000), which PyNN's documentation names",
        evidence="0.259 for 0.951 mV after five spikes",
        severity="S, R",
        state=RECONCILED,
        how="the equations, solved between two spikes; the time for which transmitter is active is"
        " the tau_syn of the target, also when that is set later on",
        modules=("brian2/synapse_kinds.py", "brian2/projections.py", "shared/short_term.py"),
        stock={
            "brian2": dict.fromkeys(
                ("short_term_depression", "short_term_facilitation", "short_term_defaults"), ""
            )
        },
    ),
    Difference(
        row="tau_rec = tau_syn",
        construct="TsodyksMarkramSynapse that recovers as fast as the synaptic current decays",
        behaviour={"nest": "NaN: a division by 0", "brian2": "tau_rec is unused"},
        right="the limit of the closed form",
        evidence="run",
        severity="S",
        state=RECONCILED,
        how="NEST: both constants are moved apart symmetrically, by 4e-6 of them, of which the"
        " transmitted weights notice 1e-10; elsewhere the limit itself",
        modules=("nest/short_term.py", "brian2/synapse_kinds.py"),
        stock={
            "nest": {"short_term_recovery_as_fast_as_the_current": "nan, expected"},
            "brian2": {"short_term_recovery_as_fast_as_the_current": ""},
        },
    ),
)
