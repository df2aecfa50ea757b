"""The register of known differences between PyNN's backends, one entry per difference.

The entries are data in ``entries/*.yaml``, one file per subject. Conformance checks test them,
and the diagnosis uses them to find the cause of a difference between two runs.
"""

from __future__ import annotations

from pipelines.differences.entry import AGREES, PARTLY, RECONCILED, REFUSED, SEVERITIES
from pipelines.differences.entry import Difference as Difference
from pipelines.differences.entry import Subject as Subject
from pipelines.differences.entry import Symptom as Symptom
from pipelines.differences.register import known as known
from pipelines.differences.register import subjects as subjects

__all__ = [
    "AGREES", "PARTLY", "RECONCILED", "REFUSED", "SEVERITIES",
    "Difference", "Subject", "Symptom", "known", "subjects",
]  # fmt: skip
