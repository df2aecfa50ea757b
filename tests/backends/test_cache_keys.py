"""Keys of Brian2's caches that are kept for a while: the same keys, worked out once."""

import brian2
import pytest
from brian2.core.variables import Variable
from brian2.utils.caching import _hashable

from pipelines.backends.brian2.cache_keys import kept_keys


@pytest.fixture
def group():
    return brian2.NeuronGroup(3, "dv/dt = -v / tau : 1\ntau : second")


def test_a_kept_key_tells_apart_what_brian2s_key_does(group):
    variables = list(group.variables.values())
    plain = [_hashable(variable) for variable in variables]
    with kept_keys([group]):
        kept = [_hashable(variable) for variable in variables]
        again = [_hashable(variable) for variable in variables]
    for k, key in enumerate(kept):
        assert key is again[k]
        assert hash(key) == hash(again[k])
        assert [key == other for other in kept] == [plain[k] == other for other in plain]


def test_a_changed_variable_gets_another_key(group):
    variable = group.variables["v"]
    with kept_keys([group]):
        before = _hashable(variable)
        variable.constant = not variable.constant
        assert _hashable(variable) != before
        variable.constant = not variable.constant
        assert _hashable(variable) == before


def test_variables_are_as_they_were_afterwards(group):
    before = [(type(variable), dict(variable.__dict__)) for variable in group.variables.values()]
    with pytest.raises(RuntimeError), kept_keys([group]):
        assert isinstance(group.variables["v"], Variable)
        assert type(group.variables["v"]) not in {kind for kind, _ in before}
        _hashable(group.variables["v"])
        raise RuntimeError
    after = [(type(variable), dict(variable.__dict__)) for variable in group.variables.values()]
    assert after == before
