"""Files of runs in formats of other programs: which format one has, reading and writing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import BadInput, CounterpointError, DamagedResult
from pipelines.exchange import nix, nwb, sonata

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.tables.run_data import RunData


@dataclass(frozen=True)
class Format:
    """A file format: its label, the ending of its files, what writes and what reads a run."""

    label: str
    ending: str
    write: Callable[[RunData, Path], list[str]]
    read: Callable[[Path], list[RunData]]


FORMATS = {
    "nwb": Format("NWB", ".nwb", nwb.write, nwb.read),
    "nix": Format("NIX", ".nix", nix.write, nix.read),
    "sonata": Format("SONATA", ".sonata", sonata.write, sonata.read),
}


def write_run(run: RunData, name: str, path: Path) -> list[str]:
    """Write a run, whole or not at all.

    Parameters
    ----------
    run
        What is written.
    name
        Key of `FORMATS`.
    path
        The file; for SONATA, the folder. It takes the place of an earlier one.

    Returns
    -------
    list of str
        What the format has no place for.

    Raises
    ------
    CounterpointError
        If it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.part{FORMATS[name].ending}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(temporary)
        left_out = FORMATS[name].write(run, temporary)
        _remove(path)
        temporary.replace(path)
    except OSError as error:
        raise CounterpointError(f"{path}: cannot be written: {error}") from error
    finally:
        _remove(temporary)
    return left_out


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def is_exchange_file(path: Path) -> bool:
    """Whether a path is a file, or a folder of SONATA files, rather than a folder of tables."""
    return path.is_file() or (path / sonata.SPIKES).is_file() or (path / sonata.CONFIG).is_file()


def read_frames(path: Path) -> dict[str, pd.DataFrame]:
    """Read the runs of a file of another program as tables.

    Parameters
    ----------
    path
        A file of NWB, NIX or SONATA, or a folder of SONATA files. Which format it has is told from
        its content.

    Returns
    -------
    dict
        The tables runs, spikes, weights and signals.

    Raises
    ------
    BadInput
        If it has none of these formats, or no spikes and signals.
    DamagedResult
        If it cannot be read.
    """
    from pipelines.exchange.records import frames

    form = FORMATS[_format_of(path)]
    try:
        runs = form.read(path)
    # Whatever the libraries raise of a file that is not as it should be.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DamagedResult(f"{path}: cannot be read as {form.label}: {reason[:200]}") from error
    if not any(len(run.spikes) or len(run.signals) or len(run.weights) for run in runs):
        raise BadInput(f"{path}", f"this {form.label} file has no spikes, signals or weights")
    return frames(runs)


def _format_of(path: Path) -> str:
    """Key of the format of a file."""
    import h5py

    if path.is_dir():
        return "sonata"
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") in ("nix", b"nix"):
                return "nix"
            if "nwb_version" in file.attrs:
                return "nwb"
            if {"spikes", "report", "edges"} & {*file}:
                return "sonata"
    except OSError as error:
        if h5py.is_hdf5(path):
            reason = " ".join(str(error).split())
            raise DamagedResult(f"{path}: cannot be read: {reason}") from error
    raise BadInput(
        f"{path}", "is not a file that runs are read from",
        "NWB, NIX or SONATA (HDF5), or a folder with runs.parquet and spikes.parquet",
    )  # fmt: skip
