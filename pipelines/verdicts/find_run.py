"""Look-up of runs to compare: by id in the results of a project, or in a folder of tables."""

from __future__ import annotations

from pathlib import Path

from pipelines.diagnosis.run_pair import Evidence
from pipelines.errors import BadInput
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import DONE
from pipelines.verdicts.result_folders import read_folder

_SHORTEST = 4


def find_run(given: str, results: Path) -> Evidence:
    """Find the run that a user names.

    Parameters
    ----------
    given
        A run_id or its beginning, four digits at least; or ``FOLDER`` or ``FOLDER:RUN_ID``, a
        folder with tables `runs` and `spikes` (and `weights`), of one run or of several.
    results
        The project's results, for a run_id.

    Raises
    ------
    BadInput
        If there is no such run, several have such ids, or it failed.
    """
    folder, _, inner = given.rpartition(":")
    if folder or Path(given).is_dir():
        return _from_tables(Path(folder or given), inner if folder else "", given)
    return _from_store(given, results)


def _from_store(given: str, results: Path) -> Evidence:
    if len(given) < _SHORTEST:
        raise BadInput("compare", f"'{given}' is too short", f"{_SHORTEST} digits of a run_id")
    found = {
        run_id: store
        for folder in sorted(results.glob("*/runs"))
        for store in [RunStore(folder)]
        for run_id in store.ids()
        if run_id.startswith(given)
    }
    where = f"{results}: run '{given}'"
    if not found:
        raise BadInput(where, "is not stored", "a run_id of runs.parquet, or a folder of tables")
    if len(found) > 1:
        raise BadInput(where, f"{len(found)} runs begin so", f"more digits: {_few(found)}")
    ((run_id, store),) = found.items()
    record = store.read_record(run_id)
    if record["status"] != DONE:
        raise BadInput(where, f"failed: {record['error']}", "a run that was done")
    spikes, weights = (store.read_table(run_id, n).to_pandas() for n in ("spikes", "weights"))
    return Evidence(record, spikes, weights)


def _from_tables(folder: Path, run_id: str, where: str) -> Evidence:
    tables = read_folder(folder)
    runs = tables.runs
    chosen = runs[runs["run_id"].str.startswith(run_id)]
    if len(chosen) != 1:
        problem = "there is no such run" if chosen.empty else f"has {len(chosen)} such runs"
        raise BadInput(where, problem, f"FOLDER:RUN_ID, one of {_few(runs['run_id'])}")
    run = chosen.iloc[0]
    if run.get("status", DONE) != DONE:
        raise BadInput(where, f"the run failed: {run.get('error')}", "a run that was done")
    # Tables from other programs may lack the backend's name.
    record = {"backend": folder.name, "seed": None, **run.to_dict()}
    record["parameters"] = {name: run[name] for name in tables.parameters}
    found = run["run_id"]
    return Evidence(record, tables.spikes_by_run[found], tables.weights_by_run[found])


def _few(ids: object) -> str:
    listed = [str(one) for one in ids]  # type: ignore[attr-defined]
    return ", ".join(listed[:3]) + (", ..." if len(listed) > 3 else "")
