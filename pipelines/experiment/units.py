"""Conversion of numbers between units that differ in their prefix, such as pA and nA."""

from __future__ import annotations

from decimal import Decimal

_PREFIXES = {"f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12}
_BASES = ("Hz", "Ohm", "s", "V", "A", "F", "S", "B", "m")
# Seconds in units of time that are no power of ten of a second.
_TIMES = {"min": Decimal(60), "h": Decimal(3600)}
# Letters that print as the micro sign, and the sign of the ohm.
_SPELLINGS = str.maketrans({"\u00b5": "u", "\u03bc": "u", "\u03a9": "Ohm", "\u2126": "Ohm"})


def plain(unit: str) -> str:
    """A unit in ASCII letters, so that two ways to write it are the same text."""
    return unit.strip().translate(_SPELLINGS)


def converted(number: str, unit: str, to: str) -> Decimal | None:
    """A number in another unit, exactly; None if the units are not of one dimension.

    Parameters
    ----------
    number
        A finite decimal number.
    unit, to
        Units in the form of `plain`.

    Examples
    --------
    >>> converted("600", "pA", "nA")
    Decimal('0.600')
    >>> converted("2", "min", "s")
    Decimal('120')
    >>> converted("600", "mV", "nA") is None
    True
    """
    if unit == to:
        return Decimal(number)
    have, want = _in_base(unit), _in_base(to)
    if have is None or want is None or have[0] != want[0]:
        return None
    ratio = have[1] / want[1]
    return Decimal(number) * ratio


def _in_base(unit: str) -> tuple[str, Decimal] | None:
    """Base unit, and how many of it a unit is; None for a unit that is not known."""
    if unit in _TIMES:
        return "s", _TIMES[unit]
    for base in _BASES:
        prefix = unit.removesuffix(base)
        if unit.endswith(base) and prefix in _PREFIXES:
            return base, Decimal(1).scaleb(_PREFIXES[prefix])
    return None
