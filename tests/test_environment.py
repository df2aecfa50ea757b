"""The lists of packages agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from pipelines import __version__

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
PYTHONS = ("3.11", "3.12", "3.13")
SLURM = "workflow/profiles/slurm/requirements.txt"


def pins(name, python):
    """Name -> version of a requirements file under one Python."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        if not line or line.startswith(("#", "-")):
            continue
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"python_version": python}):
            assert canonicalize_name(requirement.name) not in found, line
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", line
            found[canonicalize_name(requirement.name)] = Version(specifier.version)
    return found


def test_simulators_are_those_of_each_python():
    brian2 = {python: str(pins("requirements.txt", python)["brian2"]) for python in PYTHONS}
    assert brian2 == {"3.11": "2.9.0", "3.12": "2.10.1", "3.13": "2.11.0"}
    for python in PYTHONS:
        assert str(pins("requirements.txt", python)["nest-simulator"]) == "3.10.0"
        assert str(pins("requirements.txt", python)["pynn"]) == "0.13.0"


def test_the_same_packages_are_pinned_for_every_python():
    for name in ("requirements.txt", "requirements-dev.txt"):
        first, *others = (set(pins(name, python)) for python in PYTHONS)
        assert all(other == first for other in others)


def test_pins_satisfy_what_the_package_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for python in PYTHONS:
        pinned = pins("requirements.txt", python)
        for line in project["dependencies"]:
            requirement = Requirement(line)
            version = pinned[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), f"{line}: {version} on {python}"


def test_what_slurm_needs_is_beside_the_rest():
    for python in PYTHONS:
        own = pins(SLURM, python)
        assert len(own) == 2
        assert not set(own) & set(pins("requirements.txt", python))


def test_conda_environment_has_the_same_pins():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *packages, by_pip = environment["dependencies"]
    assert {"cxx-compiler", "pip"} < set(packages)
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert by_pip == {"pip": [line for line in lines if line and not line.startswith("#")]}


def test_pixi_installs_what_the_first_command_of_the_readme_installs():
    manifest = tomllib.loads((ROOT / "pixi.toml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    names = {re.split(r"[ <>=]", line)[0] for line in conda["dependencies"] if str(line) == line}
    assert set(manifest["dependencies"]) == names
    assert manifest["dependencies"]["python"] == project["requires-python"]
    assert manifest["workspace"]["name"] == conda["name"] == project["name"]
    (installed,) = re.findall(r"pip install (.*?) &&.*--cores 8$", README, re.MULTILINE)
    install = manifest["tasks"]["install"]
    assert install["cmd"] == f"python -m pip install {installed}"
    assert all((ROOT / name).is_file() for name in install["inputs"])
    for name in ("snakemake", "counterpoint"):
        assert manifest["tasks"][name] == {"cmd": name, "depends-on": ["install"]}


def test_the_citation_says_what_the_package_says():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["version"] == __version__
    for key in ("license", "keywords", "authors"):
        assert citation[key] == project[key]
    assert citation["title"].lower() == project["name"]
    minors = {name.rpartition(" ")[2] for name in project["classifiers"] if ":: Python ::" in name}
    assert minors == set(PYTHONS)


def test_no_file_names_an_index():
    lists = (
        *("requirements.txt", "requirements-dev.txt"),
        *("environment.yml", "pyproject.toml", "pixi.toml", "CITATION.cff"),
    )
    for name in (*lists, SLURM):
        assert not re.search(r"https?://|--(extra-)?index|find-links", (ROOT / name).read_text())
