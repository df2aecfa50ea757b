"""A refusal that scripts which catch PyNN's own error catch too."""

from __future__ import annotations

from pyNN.errors import InvalidParameterValueError

from pipelines.errors import Unsupported


class InvalidValue(Unsupported, InvalidParameterValueError):
    """A value that stock PyNN refuses too, with `InvalidParameterValueError`, a `ValueError`."""
