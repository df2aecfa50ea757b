"""The columns of the tables other than `runs`: names, types, order, units and descriptions.

The metadata of a column are its ``unit`` ("1" for pure numbers, empty for names and where rows have
different units) and its ``description``.
"""

import pyarrow as pa

TEXT, BOOL = pa.string(), pa.bool_()
INT32, INT64, FLOAT = pa.int32(), pa.int64(), pa.float64()


def column(
    name: str, kind: pa.DataType, description: str, unit: str = "", nullable: bool = False
) -> pa.Field:
    """A column with its unit and description as metadata, if it has any."""
    metadata = {"unit": unit, "description": description} if unit or description else None
    return pa.field(name, kind, nullable=nullable, metadata=metadata)


def _nullable(name: str, kind: pa.DataType, description: str, unit: str = "") -> pa.Field:
    return column(name, kind, description, unit, nullable=True)


COLUMNS: dict[str, list[pa.Field]] = {
    "spikes": [
        column("run_id", TEXT, "run"),
        column("population", TEXT, "population"),
        column("neuron", INT32, "index within the population", "1"),
        column("time_ms", FLOAT, "time of the spike", "ms"),
    ],
    "weights": [
        column("run_id", TEXT, "run"),
        column("projection", TEXT, "projection"),
        column("pre", INT32, "index within the presynaptic population", "1"),
        column("post", INT32, "index within the postsynaptic population", "1"),
        column("weight", FLOAT, "synaptic weight, in nA, or uS for synapses of conductances"),
        column("delay_ms", FLOAT, "delay of the connection", "ms"),
        column("time_ms", FLOAT, "biological time at which the weight was read", "ms"),
    ],
    "signals": [
        column("run_id", TEXT, "run"),
        column("population", TEXT, "population"),
        column("neuron", INT32, "index within the population", "1"),
        column("variable", TEXT, "recorded variable, by PyNN's name"),
        column("time_ms", FLOAT, "time of the sample", "ms"),
        _nullable("value", FLOAT, "value, in PyNN's unit for the variable"),
    ],
    "mapping": [
        column("run_id", TEXT, "run"),
        column("constraint", TEXT, "constraint of the hardware; capacity and events besides"),
        column("target", TEXT, "population or projection; empty for the whole chip"),
        column("quantity", TEXT, "what is counted or measured, with its unit"),
        _nullable("asked", FLOAT, "value that the experiment asks for; null for events"),
        column("realised", FLOAT, "value that the hardware realises, or has room for"),
    ],
    "metrics": [
        column("run_id", TEXT, "run"),
        column("population", TEXT, "population, or projection for metrics of weights"),
        column("metric", TEXT, "metric"),
        _nullable("value", FLOAT, "value, in the metric's unit"),
    ],
    "comparisons": [
        column("experiment", TEXT, "experiment"),
        column("point_id", TEXT, "point; of independent draws, the first of these parameters"),
        column("backend_a", TEXT, "first backend"),
        column("backend_b", TEXT, "second backend"),
        column("population", TEXT, "population, or projection for metrics of weights"),
        column("metric", TEXT, "metric"),
        column("distance_name", TEXT, "kind of distance: KS, relative or shape"),
        _nullable(
            "distance",
            FLOAT,
            "distance of the two runs of the point; null for independent draws",
            "1",
        ),
        _nullable(
            "between",
            FLOAT,
            "mean distance across the backends, of all seeds at these parameters",
            "1",
        ),
        _nullable("seed_floor", FLOAT, "mean distance between seeds within each backend", "1"),
        _nullable(
            "floor_low", FLOAT, "lower bound of the seed floor: bootstrap interval, 95 %", "1"
        ),
        _nullable("floor_high", FLOAT, "upper bound of the seed floor", "1"),
        _nullable(
            "p_value", FLOAT, "p-value, adjusted for all metrics, points and pairs of backends", "1"
        ),
        _nullable("mean_a", FLOAT, "mean of the first backend, in the metric's unit"),
        _nullable("mean_b", FLOAT, "mean of the second backend, in the metric's unit"),
        _nullable(
            "difference",
            FLOAT,
            "difference, in the metric's unit, or of logarithms if scale is log",
        ),
        _nullable("difference_low", FLOAT, "lower bound of the difference: interval, 90 %"),
        _nullable("difference_high", FLOAT, "upper bound of the difference"),
        _nullable("margin", FLOAT, "largest difference that does not matter"),
        column("n_a", INT64, "runs of the first backend that have values", "1"),
        column("n_b", INT64, "runs of the second backend that have values", "1"),
        _nullable(
            "runs_needed",
            INT64,
            "runs a backend that decide all primary metrics with 80 % probability",
            "1",
        ),
        column("verdict", TEXT, "identical, equivalent, different or undecided"),
        column("scale", TEXT, "scale on which means are compared: linear or log"),
        column("primary", BOOL, "whether the verdict equivalent depends on the metric"),
        _nullable(
            "excess",
            FLOAT,
            "distance of the distributions beyond the margin or the seed floor",
            "1",
        ),
        _nullable("excess_high", FLOAT, "upper bound of the excess, 95 %", "1"),
        _nullable("excess_margin", FLOAT, "largest excess that does not matter", "1"),
        _nullable(
            "power", FLOAT, "probability that so many runs find two equal backends equivalent", "1"
        ),
        _nullable(
            "detectable", FLOAT, "smallest difference that so many runs find with 80 % probability"
        ),
        column("statistics", TEXT, "verdict of all seeds, whatever these two runs are"),
    ],
    "verdicts": [
        column("experiment", TEXT, "experiment"),
        column("point_id", TEXT, "point; of independent draws, the first of these parameters"),
        column("backend_a", TEXT, "first backend"),
        column("backend_b", TEXT, "second backend"),
        column("verdict", TEXT, "identical, equivalent, different or undecided"),
        column("evidence", TEXT, "what the verdict rests on, in words"),
        _nullable(
            "n_spikes_a", INT64, "spikes of the first run; of independent draws, of all runs", "1"
        ),
        _nullable(
            "n_spikes_b", INT64, "spikes of the second run; of independent draws, of all runs", "1"
        ),
        _nullable(
            "n_common", INT64, "spikes of the same neuron at the same time step in both", "1"
        ),
        _nullable("first_difference_ms", FLOAT, "time of the first spike that only one has", "ms"),
        _nullable("first_difference_population", TEXT, "population of this spike"),
        _nullable(
            "first_difference_neuron",
            INT64,
            "neuron of this spike, its index within the population",
            "1",
        ),
        _nullable("max_abs_weight_difference", FLOAT, "largest difference of weights, in nA or uS"),
        column("causes", TEXT, "known causes that fit, separated by semicolons; may be empty"),
        _nullable(
            "n_seeds", INT64, "seeds a backend that statistics are of; null without statistics", "1"
        ),
        _nullable("statistics", TEXT, "verdict of all seeds, where verdicts are on single seeds"),
    ],
    "conformance": [
        column("check_name", TEXT, "check"),
        column(
            "known_difference", TEXT, "row of the register of differences that the check watches"
        ),
        column("backend", TEXT, "backend"),
        column("outcome", TEXT, "passed, failed, refused or error"),
        column("expected", BOOL, "whether it passed, or was refused as the register says"),
        _nullable("deviation", FLOAT, "largest deviation, in the unit of the values"),
        column("tolerance", FLOAT, "largest deviation that passes"),
        column("detail", TEXT, "what was found; may be empty"),
    ],
    "support": [
        column("kind", TEXT, "kind of construct: cell, synapse, operation, ..."),
        column("name", TEXT, "construct of PyNN"),
        column("backend", TEXT, "backend"),
        column("outcome", TEXT, "exact, basis, alone, refused, wrong or crashed"),
        column("conforms", BOOL, "whether it is neither wrong nor crashed"),
        column("basis", TEXT, "backend that it is compared with; may be empty"),
        _nullable("deviation", FLOAT, "deviation as a share of the largest value", "1"),
        column("detail", TEXT, "reason of a refusal, or what is wrong; may be empty"),
    ],
    "expectations": [
        column("experiment", TEXT, "experiment"),
        column("check_name", TEXT, "check"),
        column("backend", TEXT, "backend"),
        column("passed", BOOL, "whether the tables show what they should"),
        _nullable("value", FLOAT, "value found, in the row's unit"),
        _nullable("limit", FLOAT, "limit, in the row's unit"),
        column("unit", TEXT, "unit of value and limit"),
        column("detail", TEXT, "what was found, in words"),
    ],
    "hardware": [
        column("point_id", TEXT, "point of the constrained runs, the first of their seeds"),
        column(
            "ideal_point_id", TEXT, "point of the ideal runs, the first; empty if there is none"
        ),
        column("backend", TEXT, "backend"),
        column("n_seeds", INT64, "seeds with which both networks are done", "1"),
        column("population", TEXT, "population, or projection for metrics of weights"),
        column("metric", TEXT, "metric"),
        _nullable("ideal", FLOAT, "mean of the ideal network, in the metric's unit"),
        _nullable("constrained", FLOAT, "mean of the constrained network, in the metric's unit"),
        _nullable(
            "difference",
            FLOAT,
            "constrained less ideal, seed by seed; of logarithms if scale is log",
        ),
        _nullable("low", FLOAT, "lower bound of the difference: interval, 90 %"),
        _nullable("high", FLOAT, "upper bound of the difference"),
        _nullable("margin", FLOAT, "largest difference that does not matter"),
        column("scale", TEXT, "scale on which means are compared: linear or log"),
        _nullable(
            "excess",
            FLOAT,
            "distance of the distributions beyond the margin or the seed floor",
            "1",
        ),
        _nullable("excess_margin", FLOAT, "largest excess that does not matter", "1"),
        _nullable(
            "p_value", FLOAT, "p-value, adjusted for all metrics, settings and variants", "1"
        ),
        column("primary", BOOL, "whether the verdict works depends on the metric"),
        column("agreement", TEXT, "equivalent, different, undecided or not measured"),
    ],
    "hardware_verdicts": [
        column("point_id", TEXT, "point of the constrained runs, the first of their seeds"),
        column(
            "ideal_point_id", TEXT, "point of the ideal runs, the first; empty if there is none"
        ),
        column("backend", TEXT, "backend"),
        column("hardware", TEXT, "hardware profile"),
        column("constraints", TEXT, "constraints in force: all, only X or without X"),
        _nullable("weight_bits", INT64, "bits of weights, where a sweep sets them", "1"),
        _nullable("mismatch", FLOAT, "relative spread, where a sweep sets it", "1"),
        column("n_seeds", INT64, "seeds with which both networks are done", "1"),
        column("verdict", TEXT, "works, changed, undecided, unfit or failed"),
        _nullable(
            "expectations_met",
            INT64,
            "expectations that the ideal and the constrained network meet; null without runs",
            "1",
        ),
        _nullable("expectations_total", INT64, "expectations that the ideal network meets", "1"),
        column("lost_expectations", TEXT, "the others, with what was found; empty if none is lost"),
        column("broken_by", TEXT, "constraint that the ablation names; empty without one"),
        column("evidence", TEXT, "what the verdict rests on, in words"),
        _nullable("energy_j", FLOAT, "estimated energy of a run, mean over seeds", "J"),
        column("energy_source", TEXT, "energies of an event that it is made of; empty without"),
    ],
}
