"""Neurons driven by a few given spikes through one synapse each."""

from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    """Everything that a sweep can vary."""

    weight: float = parameter(1.0, "nA", "weight of the input synapses")
    delay: float = parameter(1.0, "ms", "delay of the input synapses", above=0)
    n_neurons: int = parameter(5, "1", "number of neurons", minimum=1)
    tau_m: float = parameter(20.0, "ms", "membrane time constant", above=0)
    tau_syn: float = parameter(5.0, "ms", "decay time of the synaptic current", above=0)
    duration: float = parameter(200.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step of the simulation", above=0)


def build(sim, parameters, seed):
    """Make the network; what is returned can be recorded under its name in sweep.yaml.

    `sim` is the simulator (PyNN's API). Draw random numbers from `seed` alone, so that the same
    point is the same network on every backend.
    """
    stimulus = sim.Population(
        1,
        sim.SpikeSourceArray(spike_times=[20.0, 60.0, 100.0, 140.0]),
        label="stimulus",
    )
    neurons = sim.Population(
        parameters.n_neurons,
        sim.IF_curr_exp(
            tau_m=parameters.tau_m,
            tau_syn_E=parameters.tau_syn,
            tau_syn_I=parameters.tau_syn,
            v_rest=-65.0,
            v_reset=-65.0,
            v_thresh=-50.0,
            tau_refrac=2.0,
            cm=0.25,
        ),
        initial_values={"v": -65.0},
        label="neurons",
    )
    sim.Projection(
        stimulus,
        neurons,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=parameters.weight, delay=parameters.delay),
        receptor_type="excitatory",
    )
    return {"stimulus": stimulus, "neurons": neurons}
