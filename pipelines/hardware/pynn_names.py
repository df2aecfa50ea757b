"""Names in hardware profiles that must be PyNN's: parameters of cells, and rules of plasticity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import isclass

from pipelines.errors import BadInput
from pipelines.hardware.profile_model import SPREADS, HardwareProfile

_ALL = "all"


def refuse_unknown_names(profile: HardwareProfile, where: str) -> None:
    """Refuse a profile with a name that no cell type or rule has.

    Raises
    ------
    BadInput
        With the nearest right name.
    """
    one = profile.constraints
    for kind in SPREADS:
        spreads = getattr(one, kind)
        if spreads is not None:
            _check(spreads.cells, f"{where}: constraints.{kind}.cells", [_ALL, *_parameters()])
    if one.shared_parameters is not None and one.shared_parameters.parameters != _ALL:
        place = f"{where}: constraints.shared_parameters.parameters"
        _check(one.shared_parameters.parameters, place, _parameters())
    if one.plasticity is not None:
        _check(one.plasticity.rules, f"{where}: constraints.plasticity.rules", _rules())


def _check(names: Iterable[str], where: str, among: Iterable[str]) -> None:
    known = [*among]
    for name in names:
        # Parameters of a receptor of a `PointNeuron` are called "RECEPTOR.name".
        if name.rpartition(".")[2] not in known:
            what = "rules of plasticity" if where.endswith("rules") else "parameters of cells"
            raise BadInput(where, f"unknown '{name}'", f"PyNN's names of {what}", name, known)


def _parameters() -> Iterator[str]:
    # PyNN is imported here, since sweeps without hardware are planned without it.
    from pyNN.standardmodels import cells, receptors

    kinds = [*vars(cells).values(), *vars(receptors).values()]
    names = (getattr(kind, "default_parameters", None) or () for kind in kinds if isclass(kind))
    yield from sorted({name for some in names for name in some})


def _rules() -> Iterator[str]:
    from pyNN.standardmodels import STDPTimingDependence, synapses

    from pipelines.backends.shared import plasticity_rules

    yield synapses.TsodyksMarkramSynapse.__name__
    for name, rule in {**vars(synapses), **vars(plasticity_rules)}.items():
        is_rule = isclass(rule) and issubclass(rule, STDPTimingDependence)
        if is_rule and rule is not STDPTimingDependence:
            yield name
