"""Variants of a profile of a sweep: ablation, strengths, and what is the ideal network."""

import pytest
import yaml

from pipelines.errors import BadInput
from pipelines.hardware.profile_files import profile_paths
from pipelines.hardware.variants import (
    IDEAL_NETWORK,
    Variant,
    variants,
    varying_columns,
)
from tests.hardware.test_profile_files import SOURCES, number

BITS = {"bits": number(4)}
NORMAL = {"distribution": "normal", "cv": number(0.1)}


@pytest.fixture
def folder(tmp_path):
    """The folder of an experiment with some profiles."""
    profiles = {
        "three": {"weight_levels": BITS, "fixed_pattern": {"weights": NORMAL},
                  "delays": {"common_ms": number(1)}},
        "single": {"synapse_loss": {"share": number(0.1)}},
        "blank": {"synapse_loss": {"share": number(0)}, "delays": {},
                  "spike_loss": {"share": number(0)}, "shared_parameters": {"neurons": number(1)},
                  "fixed_pattern": {"cells": {"tau_m": NORMAL | {"cv": number(0)}}},
                  "trial_to_trial": {}},
    }  # fmt: skip
    (tmp_path / "hardware").mkdir()
    for name, constraints in profiles.items():
        content = {"title": "T", "description": "D", "sources": SOURCES, "constraints": constraints}
        (tmp_path / "hardware" / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return tmp_path


def labels(found):
    return [(one.hardware, one.constraints) for one in found]


def test_the_ideal_network_is_always_the_first(folder):
    assert variants([]) == variants(["none"]) == (IDEAL_NETWORK,)
    for names in (["single"], ["single", "none"], ["none", "single"]):
        found = variants(names, experiment_folder=folder)
        assert labels(found) == [("none", ""), ("single", "all")]
        assert found[0].is_ideal and not found[1].is_ideal
        assert found[1].active == {"synapse_loss": {"share": 0.1}}


def test_a_profile_that_changes_nothing_is_the_ideal_network(folder):
    assert variants(["blank", "generic"], experiment_folder=folder) == (IDEAL_NETWORK,)
    assert variants(["blank"], ablation=True, experiment_folder=folder) == (IDEAL_NETWORK,)


def test_an_ablation_has_each_constraint_alone_and_all_but_each(folder):
    found = variants(["three"], ablation=True, experiment_folder=folder)
    names = ["weight_levels", "fixed_pattern", "delays"]
    assert labels(found) == [
        ("none", ""), ("three", "all"), *(("three", f"only {name}") for name in names),
        *(("three", f"without {name}") for name in names),
    ]  # fmt: skip
    whole = found[1].active
    for one in found[2:]:
        kind, name = one.constraints.split()
        kept = {name} if kind == "only" else set(names) - {name}
        assert one.active == {key: whole[key] for key in kept}
    # Of a single constraint neither is anything new.
    assert labels(variants(["single"], ablation=True, experiment_folder=folder)) == [
        ("none", ""), ("single", "all"),
    ]  # fmt: skip


def test_strengths_multiply_with_each_profile_and_replace_its_own(folder):
    found = variants(["three", "single"], False, [2, 8], [0, 0.2], folder)
    assert [(v.hardware, v.weight_bits, v.mismatch) for v in found[1:]] == [
        (name, bits, cv) for name in ("three", "single") for bits in (2, 8) for cv in (0, 0.2)
    ]
    three = found[2]
    assert three.active["weight_levels"]["bits"] == 2
    assert three.active["weight_levels"]["plastic"] == "refused"
    spread = {"distribution": "lognormal", "cv": 0.2}
    assert three.active["fixed_pattern"] == {"cells": {"all": spread}, "weights": spread}
    # No spread: its own is replaced, too.
    assert "fixed_pattern" not in found[1].active and "delays" in found[1].active
    # A profile without levels rounds plastic weights in a way that leaves their mean.
    single = found[5].active["weight_levels"]
    assert single == {
        "bits": 2, "plastic": "at_times", "interval_ms": 100.0, "rounding": "stochastic",
    }  # fmt: skip


def test_strengths_without_a_profile_are_those_of_the_generic_chip():
    found = variants([], weight_bits=[4])
    assert labels(found) == [("none", ""), ("generic", "all")] and found[1].weight_bits == 4
    # A strength of 0 is a point of its axis, on a chip that changes nothing.
    found = variants(["none"], mismatch=[0.0, 0.1])
    assert [(one.hardware, one.mismatch) for one in found[1:]] == [("generic", 0), ("generic", 0.1)]
    assert found[1].active == {} and not found[1].is_ideal


def test_the_same_chip_has_the_same_number_at_every_strength(folder):
    found = variants(["three"], True, [2, 8], [0.1], folder)
    assert {one.number for one in found} == {1}


def test_columns_that_vary(folder):
    def columns(*arguments, **options):
        return varying_columns(variants(*arguments, experiment_folder=folder, **options))

    assert columns(["none"]) == ()
    assert columns(["single"]) == columns(["single", "three"]) == ("hardware",)
    assert columns(["three"], ablation=True) == ("hardware", "constraints")
    assert columns([], weight_bits=[2, 4]) == ("hardware", "weight_bits")
    assert columns([], mismatch=[0.1]) == ("hardware",)
    assert columns(["three"], weight_bits=[2, 3], mismatch=[0, 1]) == (
        "hardware", "weight_bits", "mismatch",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"names": ["loihi1", "loihi1"]}, "a hardware profile is there twice; allowed: each once"),
        ({"names": [], "weight_bits": [4, 4]}, "a value of weight_bits is there twice"),
        ({"names": [], "mismatch": [0.1, 0.1]}, "a value of mismatch is there twice"),
        ({"names": ["loihi"]}, "no hardware profile 'loihi'"),
    ],
)
def test_what_is_refused(options, said):
    with pytest.raises(BadInput, match=said):
        variants(**options)


@pytest.mark.parametrize("name", sorted(set(profile_paths()) - {"generic"}))
def test_every_chip_of_the_library_can_be_taken_apart(name):
    found = variants([name], ablation=True)
    whole = found[1].active
    assert len(found) == 2 + 2 * len(whole) > 4
    assert all(isinstance(one, Variant) and one.hardware == name for one in found[1:])
