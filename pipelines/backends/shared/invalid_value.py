"""Error for values that PyNN refuses too, compatible with PyNN's own error."""

from __future__ import annotations

from pyNN.errors import InvalidParameterValueError

from pipelines.errors import Unsupported


class InvalidValue(Unsupported, InvalidParameterValueError):
    """Invalid value, also an `InvalidParameterValueError` (a `ValueError`) as in stock PyNN."""
