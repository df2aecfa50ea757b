"""Files with the errors of an experiment's own metrics, figures and expectation.

Each job that carries out such code writes one, an empty list if all went well. Errors of runs are
in the table `runs`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.atomic import write_bytes

METRIC, EXPECTATION, FIGURE, RUN = "metric", "expectation", "figure", "run"
"""Parts of an experiment that can fail."""


@dataclass(frozen=True)
class PartError:
    """Error of a part of an experiment.

    Attributes
    ----------
    part
        `METRIC`, `EXPECTATION`, `FIGURE` or `RUN`.
    name
        Name of the metric or figure; of runs, the backend.
    error
        File, line and message, as one line.
    n_runs
        Number of runs that it concerns; 0 if it is not about single runs.
    """

    part: str
    name: str
    error: str
    n_runs: int = 0

    def __str__(self) -> str:
        return f"{self.what} failed{self.extent}: {self.error}"

    @property
    def what(self) -> str:
        """Part and name, such as ``figure 'raster'``."""
        return self.part if self.part == self.name else f"{self.part} '{self.name}'"

    @property
    def extent(self) -> str:
        """Number of runs in words, with a space before it; empty if it is about no runs."""
        return f" in {self.n_runs} run{'' if self.n_runs == 1 else 's'}" if self.n_runs else ""


def write_errors(path: Path | str, errors: Iterable[PartError]) -> None:
    """Write a file of errors, atomically."""
    content = [asdict(error) for error in errors]
    write_bytes(Path(path), (json.dumps(content, indent=1) + "\n").encode())


def read_errors(path: Path | str) -> list[PartError]:
    """Read a file of errors; one that is missing has none."""
    try:
        return [PartError(**one) for one in json.loads(Path(path).read_bytes())]
    except FileNotFoundError:
        return []


def drop_errors(paths: Iterable[Path | str]) -> list[Path]:
    """Delete the files that hold errors or cannot be read, so that their jobs are repeated.

    The error may have been mended by what no job depends on, such as an installed package.
    """
    dropped = []
    for path in map(Path, paths):
        try:
            failed = bool(read_errors(path))
        except (ValueError, TypeError):
            failed = True
        if failed:
            path.unlink(missing_ok=True)
            dropped.append(path)
    return dropped
