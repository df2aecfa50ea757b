"""Files of an experiment that can change its runs, and files that only analyse results.

The path of a file decides. `expectation.py`, `metrics.py` and what lies in `figures/` or
`analysis/` is read after the runs; `sweep.yaml`, hardware profiles (``hardware/*.yaml``) and texts
(``.md``) count by what they say. All other files, code and data, can change a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines import source_code
from pipelines.errors import BadInput
from pipelines.installation import PACKAGE
from pipelines.source_code import files_in

EXPECTATION, METRICS, FIGURES = "expectation.py", "metrics.py", "figures"
_ANALYSIS = (EXPECTATION, METRICS, FIGURES, "analysis")
_BY_VALUE = "sweep.yaml"
# Constraints of a profile are in the identity of the runs under them, and of no others.
_PROFILES, _PROFILE = "hardware", ".yaml"
_TEXT = ".md"

# Parts of the library whose whole effect on a run is in its identity by value, or that are in it
# anyway.
_COUNTED_ELSEWHERE = (
    *("backends", "errors", "experiment", "installation", "source_code", "sweep", "versions"),
)


def files_of_runs(folder: Path) -> list[Path]:
    """Files that can change the runs of the experiment in a folder, sorted.

    They are those of its own folder, of other experiments that it imports, and of parts of the
    library beyond `pipelines.experiment` that it imports.

    Raises
    ------
    BadInput
        One of them is not valid Python, or imports a file that only analyses results.
    """
    experiments = folder.parent
    found: set[Path] = set()
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        own = set(_own_files(place) if place.parent == experiments else files_in(place)) - found
        found |= own
        for path in own:
            for name in source_code.read(path).imports:
                waiting.extend(_outside(name, path, experiments))
    return sorted(found)


def files_of_analysis(folder: Path, part: Path) -> list[Path]:
    """Files that a figure or the expectation of an experiment depends on.

    Parts are figures and the expectation, which do not import each other.

    Parameters
    ----------
    folder
        The experiment's.
    part
        A file in ``figures/``, or ``expectation.py``; it need not exist.
    """
    found = [path for path in _files(folder) if path.relative_to(folder).parts[0]
             not in (EXPECTATION, FIGURES)]  # fmt: skip
    return sorted({*found, part} if part.is_file() else found)


def _files(folder: Path) -> Iterator[Path]:
    for path in files_in(folder):
        if path.suffix != _TEXT and path != folder / _BY_VALUE:
            yield path


def _own_files(folder: Path) -> Iterator[Path]:
    for path in _files(folder):
        first = path.relative_to(folder).parts[0]
        if first not in _ANALYSIS and (first, path.suffix) != (_PROFILES, _PROFILE):
            yield path


def _outside(name: str, file: Path, experiments: Path) -> Iterator[Path]:
    """Folders or files outside the file's own experiment that an import reaches."""
    plain = name.lstrip(".")
    level = len(name) - len(plain)
    parts = plain.split(".") if plain else []
    inside = file.relative_to(experiments).parts if file.is_relative_to(experiments) else ()
    if level and inside:
        parts = ["experiments", *inside[:-level], *parts]
    match parts:
        case ["experiments", other, *inner] if inside and (experiments / other).is_dir():
            _refuse_analysis(name, inner, file, experiments)
            if other != inside[0]:
                yield experiments / other
        case ["pipelines", part, *_] if part not in _COUNTED_ELSEWHERE:
            place = PACKAGE / part
            yield from (path for path in (place, place.with_suffix(".py")) if path.exists())


def _refuse_analysis(name: str, inner: list[str], file: Path, experiments: Path) -> None:
    if inner and (inner[0] in _ANALYSIS or f"{inner[0]}.py" in _ANALYSIS):
        raise BadInput(
            file.relative_to(experiments.parent).as_posix(),
            f"imports '{name}', which only analyses results: a change of it repeats no run",
            "a module beside experiment.py",
        )
