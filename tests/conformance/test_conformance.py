"""Both backends give what closed forms and the reference say, or refuse by name."""

import pytest

from pipelines.conformance import run

BACKENDS = ("nest", "brian2")

# What a backend refuses, and must: the register of known differences says why.
REFUSED = {
    ("nest", "duration_off_the_grid"),
    ("nest", "delay_between_two_steps"),
    ("nest", "negative_weight_on_the_excitatory_receptor"),
    ("nest", "source_before_the_first_delay"),
    ("nest", "two_spikes_in_one_step"),
    ("nest", "two_values_of_tau_minus"),
    ("brian2", "duration_off_the_grid"),
    ("brian2", "delay_between_two_steps"),
    ("brian2", "negative_weight_on_the_excitatory_receptor"),
    ("brian2", "source_before_the_first_delay"),
    ("brian2", "two_spikes_in_one_step"),
}


@pytest.fixture(scope="session")
def outcomes():
    on = [(backend, False) for backend in BACKENDS]
    return {(one.backend, one.name): one for one in run.run(run.names(), on)}


@pytest.mark.parametrize("name", run.names())
@pytest.mark.parametrize("backend", BACKENDS)
def test_backend_conforms(outcomes, backend, name):
    outcome = outcomes[backend, name]
    expected = "refused" if (backend, name) in REFUSED else "passed"
    assert outcome.outcome == expected, outcome.detail
