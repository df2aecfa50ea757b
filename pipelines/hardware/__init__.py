"""Neuromorphic hardware as a set of constraints that a network is put under.

A hardware profile is data: a YAML file of this folder, or of the folder ``hardware`` of an
experiment, in which each number has a source (`profile_model`). A variant is a profile with some
of its constraints in force (`variants`). `constrained_module` applies a variant to a network, in
front of any backend, so that all backends simulate the same imperfect network.
"""
