"""Why two runs differ: the first divergence, and the known causes that fit."""
