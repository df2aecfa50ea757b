"""What is known of the differences between PyNN's backends: one entry a difference.

The entries are data, ``entries/*.yaml``, a file a subject. Conformance checks what they say, and
the diagnosis finds the cause of a difference between two runs by them.
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
