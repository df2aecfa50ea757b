"""Firing rate of a leaky integrate-and-fire neuron against a constant input current."""

from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    """Parameters of a LIF cell driven by the constant current `i_offset` only."""

    i_offset: float = parameter(0.5, "nA", "injected current: constant")
    tau_m: float = parameter(20.0, "ms", "membrane time constant", above=0)
    cm: float = parameter(0.25, "nF", "membrane capacitance", above=0)
    v_rest: float = parameter(-65.0, "mV", "resting potential")
    v_reset: float = parameter(-65.0, "mV", "potential after a spike")
    v_thresh: float = parameter(-50.0, "mV", "spike threshold")
    tau_refrac: float = parameter(2.0, "ms", "refractory period", above=0)
    duration: float = parameter(1000.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)


def build(sim, parameters, seed):
    """Build one neuron that starts at its resting potential; `seed` has no effect."""
    neurons = sim.Population(
        1,
        sim.IF_curr_exp(
            i_offset=parameters.i_offset,
            tau_m=parameters.tau_m,
            cm=parameters.cm,
            v_rest=parameters.v_rest,
            v_reset=parameters.v_reset,
            v_thresh=parameters.v_thresh,
            tau_refrac=parameters.tau_refrac,
        ),
        initial_values={"v": parameters.v_rest},
        label="neurons",
    )
    return {"neurons": neurons}
