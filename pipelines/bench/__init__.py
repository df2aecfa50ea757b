"""Benchmarks: our backends, stock PyNN and hand-written code on the same network."""
