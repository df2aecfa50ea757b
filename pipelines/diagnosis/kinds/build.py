"""Entries of the causes that the description of the networks as built can show."""

from __future__ import annotations

from pipelines.diagnosis.cause_kind import CauseKind

_TEST = (
    "Both runs are built again, and what each backend reports of its network is compared: a fact,"
    " without a rival."
)
# Parameters of PyNN's cell types that recorded states do not show by themselves.
_OF_CELLS = (
    "a", "b", "c", "d", "delta_T", "v_spike", "tau_w", "tau_m", "cm", "i_offset", "v_rest",
    "v_reset", "v_thresh", "tau_refrac", "tau_syn_E", "tau_syn_I", "e_rev_E", "e_rev_I",
    "e_rev_Na", "e_rev_K", "e_rev_leak", "gbar_Na", "gbar_K", "g_leak", "v_offset",
    "tau_sfa", "e_rev_sfa", "q_sfa", "tau_rr", "e_rev_rr", "q_rr", "rate", "start", "duration",
    "alpha", "beta",
)  # fmt: skip
_OF_SYNAPSES = (
    "A_plus", "A_minus", "tau_plus", "tau_minus", "w_min", "w_max", "mu_plus", "mu_minus",
    "U", "tau_rec", "tau_facil", "eta", "rho", "tau",
)  # fmt: skip


def _fact(name: str, meaning: str, **predicted: str) -> CauseKind:
    return CauseKind(name, meaning, test=_TEST, **predicted)  # type: ignore[arg-type]


KINDS: tuple[CauseKind, ...] = (
    *(
        _fact(f"different {name}", f"the parameter {name} of a population differs as built",
              spikes="spikes of the population differ")
        for name in _OF_CELLS
    ),
    *(
        _fact(f"different {name}", f"the parameter {name} of a projection differs as built",
              weights="plastic weights differ from the first spikes on")
        for name in _OF_SYNAPSES
    ),
    *(
        _fact(f"different initial {name}", f"the state variable {name} starts at other values",
              signals="its first sample differs", digests="the digest of the inputs differs")
        for name in ("isyn_exc", "isyn_inh", "gsyn_exc", "gsyn_inh", "w", "u", "m", "h", "n")
    ),
    _fact("different initial potential", "v starts at other values",
          signals="the first sample of v differs", digests="the digest of the inputs differs"),
    _fact("tau_syn_E and tau_syn_I exchanged", "each receptor has the time constant of the other",
          signals="each current decays as the other one does in the other run"),
    _fact("different populations", "a population is there in one run alone",
          spikes="only one run has spikes of it"),
    _fact("different cell type", "the cells of a population are of another type, or obey other"
          " equations",
          spikes="spikes of the population differ",
          signals="steps of v do not follow from the state one step before, as they do in the other"
          " run: after spikes of the neuron, at one potential, or anywhere"),
    _fact("different receptor", "a projection acts on another receptor",
          signals="the current of the other receptor jumps"),
    _fact("different synapse type", "the synapses of a projection are of another type",
          weights="plastic in one run, constant in the other"),
    _fact("different timing dependence", "the rule of plasticity has another timing dependence",
          weights="plastic weights differ from the first pairs of spikes on"),
    _fact("different weight dependence", "the rule of plasticity has another weight dependence",
          weights="changes of a plastic weight depend on the weight in another way"),
    _fact("different dendritic delay", "another share of the delay is dendritic",
          weights="the lag at which potentiation becomes depression moves"),
    _fact("different initial weights", "plastic weights start at other values",
          weights="the first reading differs"),
    _fact("different weights", "weights of a static projection differ", weights="weights differ"),
    _fact("weights scaled", "all weights of a projection differ by one factor",
          weights="weights differ by one factor"),
    _fact("sign of the weights", "all weights of a projection have the other sign",
          weights="weights have the other sign"),
    _fact("different delays", "delays of a projection differ", weights="delays differ"),
    _fact("different connectivity", "other pairs of neurons are connected",
          weights="pairs differ", digests="the digest of the connectivity differs"),
    _fact("synapses doubled", "every synapse is there twice", weights="every pair is there twice"),
    _fact("missing projection", "a projection is there in one run alone",
          weights="it has no weights in one run"),
    _fact("inputs delayed", "spikes of sources come a fixed number of steps later",
          spikes="all spikes of sources are shifted", digests="the digest of the inputs differs"),
    _fact("one train for all", "all sources of a population have the same train in one run",
          spikes="all sources fire at the same times"),
    _fact("missing or further input", "trains of sources have spikes that are not in the other run",
          spikes="sources fire more often in one run", digests="the digest of the inputs differs"),
    _fact("different inputs", "trains of sources differ", spikes="sources fire at other times",
          digests="the digest of the inputs differs"),
)  # fmt: skip
"""Causes of `from_build`; some of them tables or states show as well."""
