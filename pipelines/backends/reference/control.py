"""PyNN's functions that control a simulation."""

from pyNN import common
from pyNN.connectors import FixedProbabilityConnector

from ..shared.control import Control
from . import simulator
from .populations import Population
from .projections import Projection
from .synapses import StaticSynapse

__all__ = [
    "connect", "create", "end", "get_current_time", "get_max_delay", "get_min_delay",
    "get_time_step", "initialize", "num_processes", "rank", "record", "record_gsyn", "record_v",
    "reset", "run", "run_for", "run_until", "set", "setup",
]  # fmt: skip

_control = Control(simulator)
setup, end, reset = _control.setup, _control.end, _control.reset
run, run_for, run_until = _control.run, _control.run_for, _control.run_until
record, record_v, record_gsyn = _control.record, _control.record_v, _control.record_gsyn
get_current_time, get_time_step = _control.get_current_time, _control.get_time_step
get_min_delay, get_max_delay = _control.get_min_delay, _control.get_max_delay
num_processes, rank = _control.num_processes, _control.rank
initialize, set = common.initialize, common.set
create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
