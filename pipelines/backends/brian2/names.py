"""Names of Brian2's objects, which start over with every network.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): PyNN's populations are never freed (their cells
lie in an array of NumPy, where no garbage is looked for), so the groups of each new network in a
process get new names. Names are part of generated code: every network is compiled anew, half a
minute each. No result depends on it, so it has no row in the register.
"""

from __future__ import annotations

from typing import Any

from brian2.core.names import Nameable


def forget_names(network: Any) -> None:
    """Let other objects have the names of a network that will not run again."""
    gone = {id(network), id(network.clock)}
    for thing in network.sorted_objects:
        pieces = [code.__repr__.__self__ for code in thing._code_objects]
        gone |= {id(one) for one in (thing, *pieces)}
    known = Nameable.__instances__()
    for reference in list(known):
        if id(reference()) in gone:
            known.remove(reference)
