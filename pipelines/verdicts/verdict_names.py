"""Names of the verdicts."""

from __future__ import annotations

IDENTICAL, EQUIVALENT, DIFFERENT, UNDECIDED = "identical", "equivalent", "different", "undecided"
VERDICTS = (IDENTICAL, EQUIVALENT, DIFFERENT, UNDECIDED)
