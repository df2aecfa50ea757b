"""Neurons that learn during a stimulus: before it, while it is shown, and after it."""

from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    """Everything that a sweep can vary: default, unit, meaning and limits."""

    n_inputs: int = parameter(100, "1", "number of Poisson trains", minimum=1)
    n_neurons: int = parameter(10, "1", "number of neurons", minimum=1)
    rate_rest: float = parameter(5.0, "Hz", "rate of the trains without a stimulus", minimum=0)
    rate_stimulus: float = parameter(30.0, "Hz", "rate of the trains in a stimulus", minimum=0)
    rest: float = parameter(300.0, "ms", "duration before and after the stimulus", above=0)
    stimulus: float = parameter(400.0, "ms", "duration of the stimulus", above=0)
    w_start: float = parameter(0.1, "nA", "weight at the start", above=0)
    w_max: float = parameter(0.2, "nA", "largest weight", above=0)
    A_plus: float = parameter(0.02, "1", "potentiation at lag 0, in w_max", minimum=0)
    A_minus: float = parameter(0.021, "1", "depression at lag 0, in w_max", minimum=0)
    timestep: float = parameter(0.1, "ms", "time step of the simulation", above=0)


def build(sim, parameters, seed):
    """Make the network; what is returned can be recorded, and is what `run` gets."""
    inputs = sim.Population(
        parameters.n_inputs, sim.SpikeSourcePoisson(rate=parameters.rate_rest), label="inputs"
    )
    neurons = sim.Population(
        parameters.n_neurons,
        sim.IF_curr_exp(
            tau_m=20.0,
            cm=0.25,
            v_rest=-65.0,
            v_reset=-65.0,
            v_thresh=-50.0,
            tau_refrac=2.0,
            tau_syn_E=5.0,
            tau_syn_I=5.0,
        ),
        initial_values={"v": -65.0},
        label="neurons",
    )
    plastic = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.0, A_minus=0.0),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=parameters.w_max),
        dendritic_delay_fraction=1.0,
        weight=parameters.w_start,
        delay=1.0,
    )
    learned = sim.Projection(
        inputs,
        neurons,
        sim.FixedProbabilityConnector(0.5, rng=sim.NumpyRNG(seed=seed)),
        plastic,
        receptor_type="excitatory",
        label="learned",
    )
    return {"inputs": inputs, "neurons": neurons, "learned": learned}


def run(sim, network, parameters):
    """Simulate in phases: at rest without plasticity, a stimulus with it, at rest without it."""
    inputs, learned = network["inputs"], network["learned"]
    sim.run(parameters.rest)

    inputs.set(rate=parameters.rate_stimulus)
    learned.set(A_plus=parameters.A_plus, A_minus=parameters.A_minus)
    sim.run(parameters.stimulus)

    inputs.set(rate=parameters.rate_rest)
    learned.set(A_plus=0.0, A_minus=0.0)
    sim.run(parameters.rest)
