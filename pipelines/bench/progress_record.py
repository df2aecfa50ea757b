"""Progress of a long comparison, in a file that is written after every piece."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipelines.atomic import write_bytes
from pipelines.errors import BadInput

_NAME = "ledger.json"


@dataclass(frozen=True)
class ComparedRun:
    """Progress of the comparison of one run, the network of one seed.

    Attributes
    ----------
    seed
        Seed of the network.
    pieces, model_ms
        Number of compared pieces, and their model time (ms).
    n_spikes, n_weights
        Number of compared spikes and weights; each weight counts once in every piece.
    weight_difference
        Largest difference of two weights, relative to the largest weight of their projection.
    seconds
        Wall-clock time (s), including the start of the simulators.
    resident_mb
        Resident memory (MB) of each backend's process after the first piece, after the last one,
        and at most, by backend.
    is_finished
        Whether the requested number of spikes was compared; if not, the run is repeated.
    difference
        First difference in words, None if there is none.
    """

    seed: int
    pieces: int = 0
    model_ms: float = 0.0
    n_spikes: int = 0
    n_weights: int = 0
    weight_difference: float = 0.0
    seconds: float = 0.0
    resident_mb: dict[str, list[float]] = field(default_factory=dict)
    is_finished: bool = False
    difference: str | None = None


class ProgressRecord:
    """Record of the runs of one comparison, stored as a file in a folder.

    Parameters
    ----------
    folder
        Folder of the file, which need not exist yet.
    settings
        Everything that can change the compared spikes, as values that JSON can store.

    Raises
    ------
    BadInput
        If the folder has runs with other settings, or the file is not valid.
    """

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._path, self._settings = folder / _NAME, settings
        self.runs: dict[int, ComparedRun] = {}
        if self._path.exists():
            self._read()

    def _read(self) -> None:
        way_out = "another --folder, or remove the file"
        try:
            content = json.loads(self._path.read_text())
            before, runs = content["settings"], [ComparedRun(**one) for one in content["runs"]]
        except (ValueError, TypeError, KeyError) as error:
            raise BadInput(str(self._path), "it is not a ledger", way_out) from error
        for name in self._settings:
            if before.get(name) != self._settings[name]:
                found = f"{name} was {before.get(name)}, and is {self._settings[name]}"
                raise BadInput(str(self._path), found, way_out)
        self.runs = {run.seed: run for run in runs}

    def write(self, run: ComparedRun) -> None:
        """Write the present progress of a run to the file."""
        self.runs[run.seed] = run
        content = {
            "settings": self._settings,
            "runs": [asdict(one) for _, one in sorted(self.runs.items())],
        }
        write_bytes(self._path, (json.dumps(content, indent=1) + "\n").encode())
