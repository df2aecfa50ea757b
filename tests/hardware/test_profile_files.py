"""Hardware profiles that cannot be accepted: one clear line each."""

import pytest
import yaml

from pipelines.errors import BadInput
from pipelines.hardware.profile_files import load_profile, profile_paths
from pipelines.hardware.sourced_numbers import numbers

SOURCES = {"me": {"title": "T", "authors": "A", "year": 2026, "published": "Here"}}


def number(value):
    return {"value": value, "source": "me", "certainty": "unverified"}


@pytest.fixture
def write(tmp_path):
    """Write a profile of an experiment, as YAML or as text; returns how it is loaded."""

    def profile(name="mine", text=None, **parts):
        (tmp_path / "hardware").mkdir(exist_ok=True)
        content = {"title": "T", "description": "D", "sources": SOURCES} | parts
        content = {key: part for key, part in content.items() if part is not None}
        path = tmp_path / "hardware" / f"{name}.yaml"
        path.write_text(yaml.safe_dump(content) if text is None else text)
        return lambda wanted=name: load_profile(wanted, tmp_path)

    return profile


def refusal(load):
    with pytest.raises(BadInput) as caught:
        load()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_profile_of_the_experiment_comes_before_one_of_the_library(write, tmp_path):
    load = write("loihi1", capacity={"neurons": number(7)})
    assert load().capacity.neurons.value == 7
    assert load_profile("loihi1").capacity.neurons.value > 7
    assert profile_paths(tmp_path)["loihi1"] != profile_paths()["loihi1"]


def test_numbers_are_found_with_their_keys(write):
    spread = {"distribution": "normal", "cv": number(0.1)}
    load = write(
        capacity={"neurons": number(7)},
        constraints={"fixed_pattern": {"cells": {"tau_m": spread}}},
    )
    assert {place: one.value for place, one in numbers(load())} == {
        "capacity.neurons": 7,
        "constraints.fixed_pattern.cells.tau_m.cv": 0.1,
    }


def test_an_unknown_profile_has_the_nearest_name(write):
    message = refusal(lambda: write()("brainscale1"))
    assert message.startswith("hardware: no hardware profile 'brainscale1'; allowed: none, ")
    assert message.endswith("did you mean 'brainscales1'?") and "mine" in message


def test_a_profile_must_not_be_called_none(write):
    message = refusal(write("none"))
    assert "none.yaml: 'none' is the ideal network; allowed: another name" in message


# Constraints with their mistakes, and what the line says after the name of the file.
BITS = "constraints.weight_levels.bits"
MISTAKES = [
    ({"weight_levls": {}}, "constraints: unknown key 'weight_levls'; allowed: time_step, "),
    ({"weight_levls": {}}, "did you mean 'weight_levels'?"),
    ({"synapse_loss": {"share": number(1.2)}},
     "constraints.synapse_loss.share: 1.2 is not accepted; allowed: a share of 0 to 1"),
    ({"synapse_loss": {"share": number(-0.1)}}, "share: -0.1 is not accepted"),
    ({"weight_levels": {"bits": number(0)}},
     f"{BITS}: 0 is not accepted; allowed: a whole number of 1 to 32"),
    ({"weight_levels": {"bits": number(2.5)}}, f"{BITS}: 2.5 is not accepted"),
    ({"weight_levels": {"bits": number(64)}}, f"{BITS}: 64 is not accepted"),
    ({"weight_levels": {"bits": number("4")}}, f"{BITS}.value: '4' is not accepted"),
    ({"weight_levels": {"bits": number(True)}}, f"{BITS}.value: True is not accepted"),
    ({"weight_levels": {"bits": 4}},
     f"{BITS}: 4 is not accepted; allowed: keys: value, source, certainty, note"),
    ({"weight_levels": {"bits": {"value": 4, "certainty": "verified"}}},
     f"{BITS}.source: the key is missing"),
    ({"weight_levels": {"bits": number(4) | {"certainty": "sure"}}},
     f"{BITS}.certainty: 'sure' is not accepted; allowed: "),
    ({"weight_levels": {"bits": number(4) | {"source": "you"}}}, f"{BITS}.source: no source 'you'"),
    ({"weight_levels": {"bits": number(4), "interval_ms": number(1)}},
     "plastic: refused with interval_ms; allowed: interval_ms with plastic: at_times"),
    ({"weight_levels": {"bits": number(4), "plastic": "at_times"}},
     "plastic: at_times without interval_ms"),
    ({"weight_levels": {"bits": number(4), "plastic": "always"}}, "'always' is not accepted"),
    ({"fixed_pattern": {"weights": {"distribution": "normal", "cv": number(-0.1)}}},
     "constraints.fixed_pattern.weights.cv: -0.1 is not accepted; allowed: a number of 0 and"),
    ({"fixed_pattern": {"weights": {"distribution": "normal", "cv": number(float("nan"))}}},
     "weights.cv.value: nan is not accepted; allowed: a finite number"),
    ({"fixed_pattern": {"weights": {"distribution": "normal", "cv": number(float("inf"))}}},
     "inf is not accepted; allowed: a finite number"),
    ({"fixed_pattern": {"weights": {
        "distribution": "normal", "cv": number(0.1), "sd": number(0.1)}}},
     "has both or none of cv and sd; allowed: one of them"),
    ({"fixed_pattern": {"weights": {"distribution": "normal"}}}, "has both or none of cv and sd"),
    ({"trial_to_trial": {"cells": {"tau_m": {"distribution": "lognormal", "sd": number(1)}}}},
     "constraints.trial_to_trial.cells.tau_m: sd of a lognormal distribution; allowed: cv, or"),
    ({"fixed_pattern": {"cells": {"v_rest": {"distribution": "normal", "cv": number(0.1)}}}},
     "constraints.fixed_pattern: cv of v_rest, which relative spreads of potentials refer to"),
    ({"fixed_pattern": {"weights": {"distribution": "normal", "sd": number(0.1)}}},
     "constraints.fixed_pattern: sd of weights, which differ in size; allowed: cv"),
    ({"fixed_pattern": {"cells": {"tau_mm": {"distribution": "normal", "cv": number(0.1)}}}},
     "constraints.fixed_pattern.cells: unknown 'tau_mm'; allowed: PyNN's names of parameters of"
     " cells; did you mean 'tau_m'?"),
    ({"trial_to_trial": {"cells": {"C_m": {"distribution": "normal", "cv": number(0.1)}}}},
     "constraints.trial_to_trial.cells: unknown 'C_m'; allowed: PyNN's names of parameters of"
     " cells; did you mean 'cm'?"),
    ({"shared_parameters": {"neurons": number(4), "parameters": ["tau_syn_e", "tau_m"]}},
     "constraints.shared_parameters.parameters: unknown 'tau_syn_e'; allowed: PyNN's names of"
     " parameters of cells; did you mean 'tau_syn_E'?"),
    ({"shared_parameters": {"neurons": number(0)}}, "neurons: 0 is not accepted"),
    ({"shared_parameters": {"neurons": number(4), "parameters": []}},
     "constraints.shared_parameters.parameters"),
    ({"plasticity": {"rules": ["SpikePair"]}},
     "constraints.plasticity.rules: unknown 'SpikePair'; allowed: PyNN's names of rules of"
     " plasticity; did you mean 'SpikePairRule'?"),
    ({"delays": {"common_ms": number(1), "minimum_ms": number(1)}},
     "constraints.delays: common_ms beside other keys; allowed: common_ms alone"),
    ({"delays": {"bits": number(2)}}, "bits needs step_ms, and sets the longest delay"),
    ({"delays": {"minimum_ms": number(3), "maximum_ms": number(1)}},
     "minimum_ms is above maximum_ms"),
    ({"delays": {"step_ms": number(3), "maximum_ms": number(1)}}, "step_ms is above maximum_ms"),
    ({"delays": {"step_ms": number(0)}}, "delays.step_ms: 0 is not accepted; allowed: a number ab"),
    ({"time_step": {}}, "constraints.time_step.step_ms: the key is missing"),
    ({"fan_in": {"inputs": number(1.5)}}, "constraints.fan_in.inputs: 1.5 is not accepted"),
    ({"spike_loss": {"spikes_per_s": number(0)}}, "spike_loss.spikes_per_s: 0 is not accepted"),
]  # fmt: skip


@pytest.mark.parametrize(("constraints", "said"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_one_line_with_its_place(write, tmp_path, constraints, said):
    message = refusal(write(constraints=constraints))
    assert message.startswith(f"{tmp_path.name}/hardware/mine.yaml: constraints")
    assert said in message


def test_parameters_of_receptors_and_all_others_are_names(write):
    spread = {"distribution": "normal", "cv": number(0.1)}
    cells = dict.fromkeys(["all", "tau_m", "AMPA.tau_syn", "e_rev_I"], spread)
    assert set(write(constraints={"fixed_pattern": {"cells": cells}})().constraints.fixed_pattern.
               cells) == set(cells)  # fmt: skip


def test_numbers_without_a_list_of_sources(write):
    message = refusal(write(sources=None, capacity={"neurons": number(7)}))
    assert message.endswith(
        "capacity.neurons.source: no source 'me'; allowed: none: the profile has no 'sources'"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: [", "mine.yaml:"),
        ("title: T\ntitle: S", "title"),
        ("", "is empty"),
        ("- 1", "is not accepted; allowed: keys: title, description,"),
        ("title: T", "description: the key is missing"),
        ("title: T\ndescription: D\nchip: 0", "chip: 0 is not accepted; allowed: at least 1"),
        ("title: T\ndescription: D\nconstraint: {}", "did you mean 'constraints'?"),
    ],
)
def test_a_damaged_file(write, text, said):
    message = refusal(write(text=text))
    assert "hardware/mine.yaml" in message and said in message
