"""Carrying out runs: one process a shard, one fork a run, one file a result."""
