"""`create` and `connect` of PyNN's procedural interface, with this backend's classes."""

from pyNN import common
from pyNN.connectors import FixedProbabilityConnector

from .populations import Population
from .projections import Projection
from .synapses import StaticSynapse

create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
