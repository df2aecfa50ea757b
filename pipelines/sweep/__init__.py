"""From an experiment's sweep.yaml to points, runs and shards."""

from pipelines.sweep.profile import Sweep, load_sweep
from pipelines.sweep.record import PopulationRecord, Record
from pipelines.sweep.runs import Plan, Run, plan, plan_point
from pipelines.sweep.shards import Shard, shards

__all__ = [
    "Plan",
    "PopulationRecord",
    "Record",
    "Run",
    "Shard",
    "Sweep",
    "load_sweep",
    "plan",
    "plan_point",
    "shards",
]
