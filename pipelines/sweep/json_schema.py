"""JSON Schema of sweep.yaml, from which editors complete and check keys.

``python -m pipelines.sweep.json_schema`` writes ``sweep.schema.json`` anew after a change of the
model; a test compares the file with the model.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from pipelines.atomic import write_bytes
from pipelines.sweep.model import SweepFile

SCHEMA_FILE = Path(__file__).with_name("sweep.schema.json")


class _Generator(GenerateJsonSchema):
    """Adds quantities with units, which are text before they are numbers; leaves out titles."""

    def function_before_schema(self, schema: Any) -> JsonSchemaValue:
        found = self.generate_inner(schema["schema"])
        number = {"type": "number"}
        if found == number or number in found.get("anyOf", []):
            others = [one for one in found.get("anyOf", []) if one != number]
            return {"anyOf": [number, {"type": "string"}, *others]}
        return found

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def attribute_texts(kind: type) -> dict[str, str]:
    """Texts of the section "Attributes" of a class's numpydoc docstring, by attribute."""
    _, _, section = (inspect.getdoc(kind) or "").partition("Attributes\n----------\n")
    entries = re.findall(r"^(\w+)\n((?:[ ]{4}.*\n?|\n)+)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def models() -> dict[str, type[BaseModel]]:
    """The models of sweep.yaml by name, the whole file first, then in the order of their use."""
    found: dict[str, type[BaseModel]] = {}

    def visit(kind: Any) -> None:
        is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
        if is_model and kind.__name__ not in found:
            found[kind.__name__] = kind
            for field in kind.model_fields.values():
                visit(field.annotation)
        for part in getattr(kind, "__args__", ()):
            visit(part)

    visit(SweepFile)
    return found


def sweep_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a sweep.yaml, with a description of every key."""
    schema = SweepFile.model_json_schema(schema_generator=_Generator, mode="validation")
    for name, kind in models().items():
        part = schema if kind is SweepFile else schema["$defs"][name]
        part["description"] = (inspect.getdoc(kind) or "").partition("\n")[0]
        for key, text in attribute_texts(kind).items():
            part["properties"][key]["description"] = text
        if hasattr(kind, "_short_form"):
            names = {"type": "array", "items": {"type": "string"}}
            schema["$defs"][name] = {"anyOf": [part, names]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """Text of ``sweep.schema.json``."""
    return json.dumps(sweep_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write_bytes(SCHEMA_FILE, schema_text().encode())
