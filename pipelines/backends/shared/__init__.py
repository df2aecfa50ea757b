"""What both backends share: the time grid, the edge list, synapse types, frozen draws."""
