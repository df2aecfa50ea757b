"""Expectations: silence with the drive of the script, activity with the corrected one."""

from pipelines.metrics.closed_forms import lif_rheobase
from pipelines.metrics.selection import finished, run_index
from pipelines.verdicts.expectations import Check, at_most, not_tested, same_on_all
from pipelines.verdicts.hardware_checks import does_not_fit, synapses_lost

SILENT = "no spike with a drive below the rheobase"
ACTIVE = "spikes in every run with a drive above the rheobase"


def check(tables) -> list[Check]:
    """Check silence and firing of each backend, then the agreement between the backends."""
    done = finished(tables.runs)
    index = run_index(done, tables.spikes["run_id"])
    done["n_spikes"] = [0] * len(done)
    counts = tables.spikes[index >= 0].groupby(index[index >= 0]).size()
    done.loc[counts.index, "n_spikes"] = counts.to_numpy()
    checks = []
    for backend in tables.runs["backend"].unique():
        runs = done[done["backend"] == backend]
        above = runs["i_offset"] > lif_rheobase(
            runs["tau_m"], runs["cm"], runs["v_rest"], runs["v_thresh"]
        )
        checks += [_silent(runs[~above], backend), _active(runs[above], backend)]
    return checks + same_on_all(tables)


def check_hardware(tables) -> list[Check]:
    """Check what chips realise against what was published of them."""
    # BrainScaleS-1, a cortical microcircuit at a tenth (its demonstrations, commit 55e80dc).
    checks = synapses_lost(tables, "brainscales1", realised=2_373_933, asked=2_987_316)
    return checks + does_not_fit(tables, "neurogrid", "no plasticity")


def _silent(runs, backend):
    if runs.empty:
        return not_tested(SILENT, backend, "no run with such a drive was done")
    drives = ", ".join(f"{drive:g}" for drive in sorted(runs["i_offset"].unique()))
    detail = f"{len(runs)} runs, i_offset {drives} nA"
    return at_most(SILENT, backend, runs["n_spikes"].sum(), 0, "1", detail)


def _active(runs, backend):
    if runs.empty:
        return not_tested(ACTIVE, backend, "no run with such a drive was done")
    silent = int((runs["n_spikes"] == 0).sum())
    detail = f"{silent} of {len(runs)} runs are silent; fewest spikes: {runs['n_spikes'].min():,}"
    return at_most(ACTIVE, backend, silent, 0, "1", detail)
