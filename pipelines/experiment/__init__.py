"""Experiments: finding and loading them, and checking their parameters."""

from pipelines.experiment.definition import (
    Experiment,
    find_experiments,
    load_experiment,
    load_part,
    project_root,
)
from pipelines.experiment.parameters import (
    Parameter,
    check_parameters,
    check_value,
    describe,
    parameter,
)
from pipelines.experiment.returned_names import returned_names

__all__ = [
    "Experiment",
    "Parameter",
    "check_parameters",
    "check_value",
    "describe",
    "find_experiments",
    "load_experiment",
    "load_part",
    "parameter",
    "project_root",
    "returned_names",
]
