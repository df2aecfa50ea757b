"""Bad sweep files: one clear line each, with file, key, what is allowed, the nearest name."""

import subprocess
import sys

import pytest

from pipelines.errors import BadInput
from pipelines.experiment import find_experiments, load_experiment, project_root
from pipelines.sweep import load_sweep, plan
from pipelines.sweep.profile import read_sweep

PLACE = "experiments/toy/sweep.yaml"

# Name of the case, the file, and what its one line must say.
CASES = {
    "unknown_top_key": ("profils:\n  quick: {}", ["unknown key 'profils'", "'profiles'?"]),
    "no_profiles": ("description: words", ["profiles: the key is missing"]),
    "empty_file": ("", [f"{PLACE}: is empty", "profiles"]),
    "empty_profiles": ("profiles: {}", ["profiles: is empty", "at least one entry"]),
    "a_list": ("- 1\n- 2", [f"{PLACE}: [1, 2] is not accepted", "keys:"]),
    "not_yaml": ("profiles: {quick: [1, }", [f"{PLACE}:1: is not valid YAML"]),
    "not_utf8": ("profiles: \udcff", ["is not UTF-8"]),
    "tab": ("profiles:\n\tquick: {}", [f"{PLACE}:2: is not valid YAML"]),
    "repeated_key": ("profiles:\n  quick: {}\n  quick: {}", [f"{PLACE}:3: key 'quick' is"]),
    "repeated_parameter": (
        "profiles:\n  quick:\n    grid:\n      tau: [1]\n      tau: [2]",
        [f"{PLACE}:5: key 'tau' is there twice"],
    ),
    "unknown_profile_key": (
        "profiles: {quick: {gird: {tau: [1]}}}",
        ["profiles.quick: unknown key 'gird'", "did you mean 'grid'?"],
    ),
    "other_profile_is_checked_too": (
        "profiles: {quick: {}, full: {shards: 3}}",
        ["profiles.full: unknown key 'shards'", "did you mean 'shard_size'?"],
    ),
    "profile_missing": ("profiles: {qick: {}}", ["no profile 'quick'", "did you mean 'qick'?"]),
    "unknown_backend": (
        "profiles: {quick: {backends: [nest, brain2]}}",
        ["profiles.quick.backends[1]: unknown backend 'brain2'", "nest, brian2", "'brian2'?"],
    ),
    "repeated_backend": ("profiles: {quick: {backends: [nest, nest]}}", ["is there twice"]),
    "no_backend": ("profiles: {quick: {backends: []}}", ["backends: is empty", "at least one"]),
    "backends_no_list": ("profiles: {quick: {backends: nest}}", ["'nest' is not", "a list"]),
    "seeds_number": ("profiles: {quick: {seeds: 3}}", ["quick.seeds: 3 is not", "{first: 1,"]),
    "seed_text": ("profiles: {quick: {seeds: [a]}}", ["quick.seeds[0]: 'a'", "a whole number"]),
    "seed_zero": ("profiles: {quick: {seeds: [1, 0]}}", ["seeds[1]: 0 is not", "at least 1"]),
    "seed_twice": ("profiles: {quick: {seeds: [1, 1]}}", ["seeds: seed 1 is there twice"]),
    "seed_range_key": (
        "profiles: {quick: {seeds: {frist: 1, count: 3}}}",
        ["quick.seeds: unknown key 'frist'", "did you mean 'first'?"],
    ),
    "seed_range_incomplete": ("profiles: {quick: {seeds: {first: 2}}}", ["seeds.count: the key"]),
    "seed_range_too_far": (
        "profiles: {quick: {seeds: {first: 2147483647, count: 2}}}",
        ["ends at 2147483648", "up to 2147483647"],
    ),
    "shard_size": ("profiles: {quick: {shard_size: 0}}", ["shard_size: 0", "at least 1"]),
    "threads": ("profiles: {quick: {threads: 0}}", ["quick.threads: 0 is not", "at least 1"]),
    "threads_text": ("profiles: {quick: {threads: two}}", ["threads: 'two'", "a whole number"]),
    "mpi": ("profiles: {quick: {mpi: 0}}", ["quick.mpi: 0 is not", "at least 1"]),
    "unknown_parameter": (
        "profiles: {quick: {grid: {curent: [1]}}}",
        ["profiles.quick.grid: unknown parameter 'curent'", "did you mean 'current'?"],
    ),
    "unknown_fixed": ("profiles: {quick: {parameters: {dur: 1}}}", ["quick.parameters: unknown"]),
    "unknown_in_point": ("profiles: {quick: {points: [{x: 1}]}}", ["quick.points[0]: unknown"]),
    "wrong_type": (
        "profiles: {quick: {grid: {current: [1, lots]}}}",
        ["quick.grid.current[1]: 'lots' is no number", "allowed: a number in nA"],
    ),
    "truth_is_no_number": ("profiles: {quick: {parameters: {tau: true}}}", ["True is no number"]),
    "number_is_no_name": ("profiles: {quick: {parameters: {rule: 3}}}", ["3 is no text"]),
    "number_is_no_truth": ("profiles: {quick: {parameters: {frozen: 1}}}", ["true, false"]),
    "half_a_neuron": ("profiles: {quick: {parameters: {number: 2.5}}}", ["2.5 is no whole"]),
    "wrong_unit": (
        "profiles: {quick: {parameters: {current: 500 mV}}}",
        ["parameters.current: unit 'mV' in '500 mV'", "allowed: nA"],
    ),
    "unit_of_a_number": ("profiles: {quick: {parameters: {number: 3 ms}}}", ["without a unit"]),
    "wrong_sign": ("profiles: {quick: {parameters: {tau: -1}}}", ["-1.0 ms", "above 0 ms"]),
    "out_of_range": ("profiles: {quick: {parameters: {current: 9}}}", ["at least -2 nA and"]),
    "not_finite": ("profiles: {quick: {parameters: {current: .inf}}}", ["inf is not finite"]),
    "nan": ("profiles: {quick: {parameters: {current: .nan}}}", ["nan is not finite"]),
    "wrong_choice": (
        "profiles: {quick: {parameters: {rule: aditive}}}",
        ["'aditive' is no choice", "additive, multiplicative", "did you mean 'additive'?"],
    ),
    "grid_scalar": ("profiles: {quick: {grid: {tau: 3}}}", ["grid.tau: 3 is no set", "linspace"]),
    "grid_form": ("profiles: {quick: {grid: {tau: {lispace: [1, 2, 3]}}}}", ["'linspace'?"]),
    "grid_empty": ("profiles: {quick: {grid: {tau: []}}}", ["grid.tau: the list is empty"]),
    "grid_no_mapping": ("profiles: {quick: {grid: [1]}}", ["quick.grid: [1]", "a mapping"]),
    "zip_lengths": (
        "profiles: {quick: {zip: {tau: [1, 2], current: [1]}}}",
        ["quick.zip: lists differ in length: current has 1, tau has 2"],
    ),
    "set_twice": (
        "profiles: {quick: {parameters: {tau: 3}, grid: {tau: [1, 2]}}}",
        ["quick.grid.tau: is set in 'parameters' too"],
    ),
    "same_point": (
        "profiles: {quick: {points: [{tau: 3}, {tau: 3.0}]}}",
        ["profiles.quick: points 1 and 2 are the same", "tau=3.0"],
    ),
    "unknown_record_key": (
        "record: {population: {}}\nprofiles: {quick: {}}",
        ["record: unknown key 'population'", "did you mean 'populations'?"],
    ),
    "record_flag": (
        "record: {populations: {n: {spikes: 1}}}\nprofiles: {quick: {}}",
        ["record.populations.n.spikes: 1 is not accepted", "true, false"],
    ),
    "record_interval": (
        "record: {populations: {n: {signals: [v], sampling_interval: -1}}}\nprofiles: {quick: {}}",
        ["record.populations.n.sampling_interval: -1.0 ms", "above 0 ms"],
    ),
    "record_name": (
        "record: {populations: {on: [spikes]}}\nprofiles: {quick: {}}",
        ["record.populations", "text, quoted if need be"],
    ),
    "unknown_population": (
        "record: {populations: {neurns: [spikes]}}\nprofiles: {quick: {}}",
        ["record.populations: build returns no 'neurns'", "neurons, plastic", "'neurons'?"],
    ),
    "unknown_projection": (
        "record: {projections: [plstic]}\nprofiles: {quick: {}}",
        ["record.projections: build returns no 'plstic'", "did you mean 'plastic'?"],
    ),
    "initial_weights": (
        "record: {projections: [plastic], initial_weights: [plstic]}\nprofiles: {quick: {}}",
        [
            "record.initial_weights: 'plstic' is not in record.projections",
            "did you mean 'plastic'?",
        ],
    ),
    "unknown_projection_of_weights": (
        "record: {weights: {plstic: 10 ms}}\nprofiles: {quick: {}}",
        ["record.weights: build returns no 'plstic'", "did you mean 'plastic'?"],
    ),
    "no_interval": (
        "record: {weights: {plastic: often}}\nprofiles: {quick: {}}",
        ["record.weights.plastic: 'often' is no number", "a number in ms"],
    ),
    "empty_interval": (
        "record: {weights: {plastic: }}\nprofiles: {quick: {}}",
        ["record.weights.plastic: is empty", "a number"],
    ),
    "interval_in_volts": (
        "record: {weights: {plastic: 1 V}}\nprofiles: {quick: {}}",
        ["record.weights.plastic: unit 'V' in '1 V'", "ms"],
    ),
    "no_positive_interval": (
        "record: {weights: {plastic: 0}}\nprofiles: {quick: {}}",
        ["record.weights.plastic: 0.0 ms is outside the limits", "above 0 ms"],
    ),
    "interval_off_the_grid": (
        "record: {weights: {plastic: 0.25}}\nprofiles: {quick: {}}",
        [
            "record.weights.plastic: 0.25 ms is not a whole number of time steps of 0.1 ms",
            "multiples of 0.1 ms",
        ],
    ),
    "interval_below_a_step": (
        "record: {weights: {plastic: 1e-9}}\nprofiles: {quick: {}}",
        ["record.weights.plastic: 1e-09 ms is not a whole number of time steps"],
    ),
    "samples_off_the_grid": (
        "record: {populations: {neurons: {signals: [v], sampling_interval: 0.25}}}\n"
        "profiles: {quick: {}}",
        [
            "record.populations.neurons.sampling_interval: 0.25 ms is not a whole number of time",
            "multiples of 0.1 ms",
        ],
    ),
    "samples_longer_than_a_run": (
        "record: {populations: {neurons: {signals: [v], sampling_interval: 50.1}}}\n"
        "profiles: {quick: {grid: {duration: [100, 50]}}}",
        ["neurons.sampling_interval: 50.1 ms is longer than a run of 50 ms", "at most 50 ms"],
    ),
    "readings_longer_than_a_run": (
        "record: {weights: {plastic: {every: 101, connections: 2}}}\nprofiles: {quick: {}}",
        ["record.weights.plastic: 101 ms is longer than a run of 100 ms", "at most 100 ms"],
    ),
    "no_interval_of_connections": (
        "record: {weights: {plastic: {connections: 2}}}\nprofiles: {quick: {}}",
        ["record.weights.plastic.every: the key is missing"],
    ),
    "no_connections": (
        "record: {weights: {plastic: {every: 10, connections: 0}}}\nprofiles: {quick: {}}",
        ["record.weights.plastic.connections: 0 is not accepted", "at least 1"],
    ),
    "initial_weights_of_some": (
        "record: {projections: [plastic], initial_weights: [plastic],"
        " weights: {plastic: {every: 10, connections: 2}}}\nprofiles: {quick: {}}",
        ["record: 'plastic' is read at the start by its key 'connections' in 'weights'"],
    ),
    "neurons_of_no_signal": (
        "record: {populations: {neurons: {spikes: true, neurons: 10}}}\nprofiles: {quick: {}}",
        ["populations.neurons: 'neurons' is for signals, and 'signals' is empty", "spikes: {neur"],
    ),
    "neurons_twice": (
        "record: {populations: {neurons: {signals: [v], neurons: [1, 1]}}}\nprofiles: {quick: {}}",
        ["populations.neurons.neurons: [1, 1] is not accepted", "different indices from 0"],
    ),
    "no_neurons": (
        "record: {populations: {neurons: {spikes: {neurons: 0}}}}\nprofiles: {quick: {}}",
        ["record.populations.neurons.spikes.neurons: 0 is not accepted", "a number of neurons"],
    ),
    "spikes_as_a_list": (
        "record: {populations: {neurons: {spikes: [1]}}}\nprofiles: {quick: {}}",
        ["record.populations.neurons.spikes: [1] is not accepted", "true, false"],
    ),
    "warm_up_as_long_as_a_run": (
        "warm_up: 100 ms\nprofiles: {quick: {}}",
        ["profiles.quick: a warm_up of 100 ms leaves nothing of a run of 100 ms", "below 100 ms"],
    ),
    "negative_warm_up": (
        "profiles: {quick: {warm_up: -1}}",
        ["profiles.quick.warm_up: -1.0 ms is outside the limits", "at least 0 ms"],
    ),
    "two_durations": (
        "profiles: {quick: {duration: 50, grid: {duration: [1, 2]}}}",
        ["profiles.quick.duration: is set in 'grid' too"],
    ),
    "weights_as_a_list": (
        "record: {weights: [plastic]}\nprofiles: {quick: {}}",
        ["record.weights: ['plastic'] is not accepted", "a mapping of names to values"],
    ),
    "empty_profile": ("profiles: {quick: }", ["profiles.quick: is empty", "keys: backends"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_gives_one_clear_line(case, project):
    text, parts = CASES[case]
    file = project / "experiments" / "toy" / "sweep.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(BadInput) as caught:
        plan("toy", root=project)
    line = str(caught.value)
    assert line.startswith(PLACE)
    assert "\n" not in line and len(line) < 400
    for part in parts:
        assert part in line


def test_a_missing_file_is_named(project):
    with pytest.raises(BadInput, match=r"experiments/toy/sweep\.yaml: the file is missing"):
        plan("toy", root=project)


def test_the_shipped_sweeps_are_valid():
    root = project_root(__file__.split("/tests/")[0])
    names = find_experiments(root)
    assert names
    for name in names:
        experiment = load_experiment(name, root)
        profiles = read_sweep(experiment).profiles
        assert {"quick", "full"} <= set(profiles)
        for profile in profiles:
            assert load_sweep(experiment, profile).points


def test_planning_imports_no_simulator_and_is_quick_to_import():
    code = (
        "import sys, pipelines.sweep; "
        "heavy = {'brian2', 'nest', 'pyNN', 'pandas', 'pyarrow', 'numpy'} & set(sys.modules); "
        "sys.exit(' '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
