"""The hardware profiles of the library: names that PyNN has, and sources that are used."""

import inspect
import re
from pathlib import Path

import pytest
from pyNN.standardmodels import cells, synapses

from pipelines.backends.shared import plasticity_rules
from pipelines.hardware.profile_files import load_profile, profile_paths
from pipelines.hardware.profile_model import HardwareProfile
from pipelines.hardware.sourced_numbers import numbers
from pipelines.hardware.variants import active_constraints
from pipelines.typed_model import read_model

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "hardware.md"
NAMES = sorted(profile_paths())
CHIPS = [name for name in NAMES if name != "generic"]
PARAMETERS = {
    name
    for one in vars(cells).values()
    for name in getattr(one, "default_parameters", {})
    if inspect.isclass(one)
}
RULES = {*vars(synapses), *vars(plasticity_rules)}


@pytest.mark.parametrize("name", CHIPS)
def test_every_source_is_used_and_every_profile_says_what_it_leaves_out(name):
    profile = load_profile(name)
    assert {number.source for _, number in numbers(profile)} == set(profile.sources)
    assert len(profile.not_modelled) >= 3


@pytest.mark.parametrize("name", CHIPS)
def test_what_is_from_memory_or_not_evident_has_a_note(name):
    for place, number in numbers(load_profile(name)):
        assert number.certainty == "verified" or number.note, place


@pytest.mark.parametrize("name", NAMES)
def test_names_of_rules_and_parameters_are_those_of_pynn(name):
    active = active_constraints(load_profile(name))
    assert set(active.get("plasticity", {}).get("rules", ())) <= RULES
    for kind in ("fixed_pattern", "trial_to_trial"):
        assert set(active.get(kind, {}).get("cells", ())) <= PARAMETERS


def test_generic_chip_changes_nothing_by_itself():
    assert active_constraints(load_profile("generic")) == {}


def test_example_of_the_documentation_is_a_profile(tmp_path):
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (example,) = (block for block in blocks if block.startswith("title:"))
    path = tmp_path / "my_chip.yaml"
    path.write_text(example)
    profile = read_model(HardwareProfile, path, path.name)
    assert set(active_constraints(profile)) == {
        "capacity", "weight_levels", "fixed_pattern", "delays", "plasticity",
    }  # fmt: skip
    assert profile.energy.per_synaptic_event_j.value == 20e-12
