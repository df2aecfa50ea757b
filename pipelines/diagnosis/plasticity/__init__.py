"""Rules of spike-timing-dependent plasticity, fitted to the weights and spikes of a run."""
