"""PyNN's functions for set-up, running and recording on Brian2; `shared.control` has the code."""

from pyNN import common

from ..shared.control import Control
from . import simulation

_control = Control(simulation)
setup, end, reset = _control.setup, _control.end, _control.reset
run, run_for, run_until = _control.run, _control.run_for, _control.run_until
record, record_v, record_gsyn = _control.record, _control.record_v, _control.record_gsyn
get_current_time, get_time_step = _control.get_current_time, _control.get_time_step
get_min_delay, get_max_delay = _control.get_min_delay, _control.get_max_delay
num_processes, rank = _control.num_processes, _control.rank
initialize, set = common.initialize, common.set
