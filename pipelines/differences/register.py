"""Reading the register of known differences."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from pipelines.differences.entry import Difference, Subject
from pipelines.errors import BadInput
from pipelines.yaml_file import read_yaml

FOLDER = Path(__file__).parent / "entries"


@lru_cache
def subjects(folder: Path = FOLDER) -> tuple[Subject, ...]:
    """Read all known differences by subject, in the order of the page.

    Parameters
    ----------
    folder
        Folder of the YAML files; by default that of this package.

    Raises
    ------
    BadInput
        If a file or an entry is invalid, or two entries have the same name.
    """
    read = [_subject(path) for path in sorted(folder.glob("*.yaml"))]
    found = tuple(sorted(read, key=lambda subject: subject.order))
    count = Counter(known.name for subject in found for known in subject.differences)
    for name, number in count.items():
        if number > 1:
            raise BadInput(str(folder), f"{number} differences are called '{name}'")
    return found


@lru_cache
def known(folder: Path = FOLDER) -> dict[str, Difference]:
    """All known differences by name, in the order of `subjects`."""
    return {one.name: one for subject in subjects(folder) for one in subject.differences}


def _subject(path: Path) -> Subject:
    data = read_yaml(path, path.name)
    try:
        return Subject.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ": ".join([path.name, *_place(data, first["loc"])])
        raise BadInput(place, first["msg"].removeprefix("Value error, ")) from None


def _place(data: object, keys: tuple[int | str, ...]) -> list[str]:
    """Location of a mistake: name or number of the entry, and the keys within it."""
    if keys[:1] != ("differences",) or len(keys) < 2 or not isinstance(data, dict):
        return [".".join(map(str, keys))] if keys else []
    entry = data["differences"][keys[1]]
    name = entry.get("name") if isinstance(entry, dict) else None
    within = ".".join(map(str, keys[2:]))
    return [f"'{name}'" if name else f"entry {int(keys[1]) + 1}", *([within] if within else [])]
