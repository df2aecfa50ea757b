"""Names of metrics as figures and pages write them."""

_WRITTEN = {"isi": "ISI", "isi_cv": "ISI CV", "lv": "LV", "fano_factor": "Fano factor"}


def metric_label(name: str) -> str:
    """Display name of a metric."""
    return _WRITTEN.get(name, name.replace("_", " "))
