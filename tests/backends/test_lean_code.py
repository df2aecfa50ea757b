"""Compiled code without the questions of each call: the same code for the rest."""

import doctest

import brian2
import numpy as np
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from pipelines import backends
from pipelines.backends.brian2 import lean_code
from pipelines.backends.brian2.lean_code import LeanCodeObject, lean
from tests.backends.test_steps import pieces


def test_examples_of_the_module_hold():
    assert doctest.testmod(lean_code) == (0, 1)


def test_what_is_used_is_looked_up():
    source = """def main(_namespace):
    _var_t = _namespace["_var_t"]
    _var_N = _namespace["_var_N"]
    cdef _numpy.ndarray[char, ndim=1, mode='c', cast=True] _buf_on = _namespace['on']
    cdef size_t _numon = len(_namespace['on'])
    cdef _numpy.ndarray[double, ndim=2, mode='c'] _record_buf_v = values.data
    _var_t.resize(_numon)"""
    assert lean(source) == source.replace('    _var_N = _namespace["_var_N"]\n', "").replace(
        "_numpy.ndarray[char, ndim=1, mode='c', cast=True]", "_numpy.ndarray"
    )


def code_of(network):
    """Classes of the code that a network runs."""
    return {
        type(code.__repr__.__self__)
        for thing in network.sorted_objects
        for code in thing._code_objects
    }


def test_cells_run_lean_code_where_it_is_compiled(monkeypatch):
    sim = backends.load("brian2")
    for target, kind in (("cython", LeanCodeObject), ("numpy", NumpyCodeObject)):
        monkeypatch.setitem(brian2.prefs, "codegen.target", target)
        pieces(sim)
        assert code_of(sim.simulator.state.network) == {kind}


def test_brian2s_own_networks_keep_its_code(monkeypatch):
    monkeypatch.setitem(brian2.prefs, "codegen.target", "cython")
    pieces(backends.load("brian2"))
    group = brian2.NeuronGroup(1, "dv/dt = -v / (5*ms) : 1", method="exact")
    network = brian2.Network(group)
    network.run(1 * brian2.ms)
    assert code_of(network) == {CythonCodeObject}


def test_lean_code_gives_the_same_numbers():
    """Where types are asked for that are not numbers, or of two dimensions."""
    found = []
    for kind in (CythonCodeObject, LeanCodeObject):
        clock = brian2.Clock(0.1 * brian2.ms)
        group = brian2.NeuronGroup(
            3,
            "dv/dt = (1.5 - v) / (5*ms) : 1 (unless refractory)\non : boolean",
            threshold="v > 1",
            reset="v = 0\non = not on",
            refractory=0.4 * brian2.ms,
            method="exact",
            clock=clock,
            codeobj_class=kind,
        )
        group.v = [0.0, 0.1, 0.2]
        states = brian2.StateMonitor(group, ["v", "on"], record=True, clock=clock)
        states.codeobj_class = kind
        network = brian2.Network(group, states)
        network.run(30 * brian2.ms)
        assert code_of(network) == {kind}
        found.append((np.array(states.v), np.array(states.on)))
    assert found[0][1].any()
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)
