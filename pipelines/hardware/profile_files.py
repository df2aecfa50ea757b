"""Hardware profiles by name: those of the library, and those of an experiment's folder."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import BadInput
from pipelines.hardware.profile_model import IDEAL, HardwareProfile
from pipelines.hardware.pynn_names import refuse_unknown_names
from pipelines.typed_model import read_model

_OWN = Path(__file__).parent
# Within the folder of an experiment.
_FOLDER = "hardware"


def profile_paths(experiment_folder: Path | None = None) -> dict[str, Path]:
    """Files of all hardware profiles by name; those of an experiment come before the library's.

    Raises
    ------
    BadInput
        If a profile is called `none`.
    """
    folders = [_OWN, *([experiment_folder / _FOLDER] if experiment_folder else [])]
    found = {path.stem: path for one in folders for path in sorted(one.glob("*.yaml"))}
    if IDEAL in found:
        raise BadInput(str(found[IDEAL]), f"'{IDEAL}' is the ideal network", "another name")
    return found


def load_profile(name: str, experiment_folder: Path | None = None) -> HardwareProfile:
    """Read a hardware profile.

    Parameters
    ----------
    name
        Name of its file, without the suffix.
    experiment_folder
        Folder of the experiment, which may have profiles of its own in ``hardware/``.

    Raises
    ------
    BadInput
        There is no such profile, or its file is not valid.
    """
    paths = profile_paths(experiment_folder)
    if name not in paths:
        raise BadInput(
            "hardware", f"no hardware profile '{name}'", given=name, among=[IDEAL, *paths]
        )
    path = paths[name]
    where = f"{path.parent.parent.name}/{_FOLDER}/{path.name}"
    profile = read_model(HardwareProfile, path, where)
    refuse_unknown_names(profile, where)
    return profile
