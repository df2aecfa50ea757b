"""What the recorded state of a neuron, or its predicted spikes, show of its cell."""
