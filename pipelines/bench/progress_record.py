"""What a long comparison has compared so far: a file that is written after every piece."""

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
    """One seed's network, as far as it was compared.

    Attributes
    ----------
    seed
        Of the network.
    pieces, model_ms
        Number of pieces, and the time that they cover in the model.
    n_spikes, n_weights
        Spikes and weights that were compared; each weight counts in every piece.
    weight_difference
        Largest difference of two weights, over the largest weight of their projection.
    seconds
        Time of the clock, start of the simulators included.
    resident_mb
        Memory of each backend's process after the first piece, after the last, and at most, by
        backend.
    is_finished
        Whether it has all the spikes that it was to have; else it is to be repeated.
    difference
        The first one, in words; None if there is none.
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
    """The runs of one comparison, kept in a folder.

    Parameters
    ----------
    folder
        Where its file is, or will be.
    settings
        All that can change what is compared, as JSON has it.

    Raises
    ------
    BadInput
        If the folder has the runs of other settings, or a file that is not a ledger's.
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
        """Have a run as it is now on the disk."""
        self.runs[run.seed] = run
        content = {
            "settings": self._settings,
            "runs": [asdict(one) for _, one in sorted(self.runs.items())],
        }
        write_bytes(self._path, (json.dumps(content, indent=1) + "\n").encode())
