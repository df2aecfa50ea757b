"""What a run with a fault has recorded."""


def spikes_of(fault, network):
    """Rows of population, neuron and time (ms), sorted."""
    columns = ["population", "neuron", "time_ms"]
    return fault.run(network).spikes.sort_values(columns)[columns].to_numpy().tolist()
