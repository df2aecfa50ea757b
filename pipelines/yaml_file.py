"""Reading a YAML file, with a one-line message if it is not valid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import BadInput


def read_yaml(path: Path, where: str) -> Any:
    """Read a YAML file in which no key of a mapping comes twice.

    Parameters
    ----------
    path
        The file.
    where
        Its name in messages.

    Returns
    -------
    Any
        The plain values in it; None if it is empty.

    Raises
    ------
    BadInput
        It is missing, no UTF-8 text, no YAML, or repeats a key; with the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(where, "the file is missing") from None
    except UnicodeDecodeError as error:
        raise BadInput(where, f"is not UTF-8 text: {error.reason}") from error
    try:
        return yaml.load(text, Loader=_UniqueKeys)
    except _RepeatedKey as error:
        raise BadInput(f"{where}:{error.line}", f"key '{error.key}' is there twice") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}" if mark is not None else where
        problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        raise BadInput(place, f"is not valid YAML: {problem}") from error


class _RepeatedKey(yaml.YAMLError):
    def __init__(self, key: Any, line: int) -> None:
        super().__init__(key)
        self.key = key
        self.line = line


# Seven times as fast where PyYAML was built with libyaml, which all its wheels are.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeys(_SafeLoader):
    """Safe loader of YAML that refuses repeated keys; PyYAML's keeps the last one silently."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str | int | float | bool) and key in seen:
                raise _RepeatedKey(key, key_node.start_mark.line + 1)
            if isinstance(key, str | int | float | bool):
                seen.add(key)
        return super().construct_mapping(node, deep=deep)
