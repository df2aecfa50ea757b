"""The reference pages, from the code: Markdown text of each part."""

from __future__ import annotations

import argparse
import importlib
import inspect
import itertools
import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pipelines.figures.gallery import GENERIC
from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.metric import KINDS, Margin, Scale
from pipelines.metrics.summaries import only
from pipelines.sweep.json_schema import attribute_texts, models, sweep_schema
from pipelines.tables import schemas

ROOT = Path(__file__).resolve().parents[2]


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; bars and line breaks in cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    cells = ([" ".join(str(cell).replace("|", "\\|").split()) for cell in line] for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in cells) + "\n"


def code(text: Any) -> str:
    """Text as code; nothing for nothing."""
    return f"`{text}`" if str(text) else ""


def paragraphs(text: str | None) -> str:
    """A docstring without its numpydoc sections, with reStructuredText's code as Markdown's."""
    before = re.split(r"^\w[\w ]*\n-{3,}$", inspect.cleandoc(text or ""), flags=re.MULTILINE)[0]
    # Two colons announce a literal block, which is indented as in Markdown.
    before = re.sub(r"^::$", "", before, flags=re.MULTILINE).replace("::\n", ":\n")
    return before.replace("``", "`").strip()


def sections(text: str | None, name: str) -> dict[str, str]:
    """Entries of a numpydoc section of a docstring, by name."""
    found = re.search(
        rf"^{name}\n-+\n(.*?)(?=^\w[\w ]*\n-{{3,}}$|\Z)", inspect.cleandoc(text or ""),
        flags=re.MULTILINE | re.DOTALL,
    )  # fmt: skip
    entries = re.findall(r"^(\S.*)\n((?:[ ]+.*\n?|\n)+)", found[1] + "\n" if found else "", re.M)
    return {
        single.strip(): " ".join(body.split()).replace("``", "`")
        for names, body in entries
        for single in names.split(",")
    }


# sweep.yaml


def sweep_keys() -> str:
    """Every key of sweep.yaml, model by model."""
    definitions = sweep_schema()
    definitions = {"SweepFile": definitions, **definitions["$defs"]}
    parts = []
    for name, kind in models().items():
        texts = attribute_texts(kind)
        schema = definitions[name]
        short = "anyOf" in schema
        properties = (schema["anyOf"][0] if short else schema)["properties"]
        rows = [
            (code(key), _kind(properties[key]), _default(field), texts[key].replace("``", "`"))
            for key, field in kind.model_fields.items()
        ]
        parts += [f"## {HEADINGS.get(name, name)}\n", paragraphs(kind.__doc__)]
        if short:
            parts.append("\nA list is a short form: `[spikes, v]` records spikes and the signal v.")
        parts += ["", table(("key", "type", "default", "meaning"), rows)]
    return "\n".join(parts)


HEADINGS = {
    "SweepFile": "The file",
    "Record": "record",
    "PopulationRecord": "record.populations.NAME",
    "SpikeRecord": "record.populations.NAME.spikes",
    "WeightRecord": "record.weights.NAME",
    "Profile": "profiles.NAME",
    "SeedRange": "profiles.NAME.seeds",
    "Limits": "profiles.NAME.limits",
}


def _kind(schema: dict[str, Any]) -> str:
    """Type of a key in words, from its JSON Schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        heading = HEADINGS.get(name, name)
        return f"[mapping](#{re.sub(r'[^a-z-]', '', heading.lower().replace(' ', '-'))})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = [_kind(one) for one in schema[several] if one.get("type") != "null"]
            if kinds[:2] == ["number", "text"]:
                kinds[:2] = ["number, or text with a unit"]
            return " or ".join(dict.fromkeys(kinds))
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if kind == "object":
        inner = schema.get("additionalProperties")
        kinds = _kind(inner) if isinstance(inner, dict) else "any values"
        return f"names to {'options' if kinds == 'names to any values' else kinds}"
    names = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return names.get(str(kind), str(kind or "any value"))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value == "" or isinstance(value, BaseModel):
        return "none"
    if isinstance(value, bool):
        return code(str(value).lower())
    return code(f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else value)


# figures


def figures() -> str:
    """The figures that any experiment can have, with their options."""
    parts = []
    for name in GENERIC:
        module = importlib.import_module(f"pipelines.figures.{name}")
        texts = sections(module.draw.__doc__, "Parameters")
        options = list(inspect.signature(module.draw).parameters.values())[2:]
        rows = [
            (
                code(option.name),
                _annotation(option.annotation),
                "required" if option.default is option.empty else code(_plain(option.default)),
                texts.get(option.name, ""),
            )
            for option in options
        ]
        parts += [f"## {name}\n", f"**{module.TITLE}.** {module.CAPTION}\n"]
        parts.append(table(("option", "type", "default", "meaning"), rows))
    return "\n".join(parts)


def _plain(value: Any) -> str:
    return "none" if value is None else str(value)


def _annotation(annotation: Any) -> str:
    """Type of an option in words, from its annotation in `draw`."""
    text = str(annotation).replace(" | None", "")
    text = re.sub(r"Annotated\[(.+?), Field\(.*?\)\]", r"\1", text)
    for kind, words in {"int": "whole number", "float": "number", "str": "text"}.items():
        text = re.sub(rf"\b{kind}\b", words, text)
    # SignalPopulationName is the name of a population.
    text = re.sub(r"(?:[A-Z]\w+)?([A-Z]\w+)Name\b", lambda m: f"{m[1].lower()} name", text)
    text = text.replace("source name", "population or projection name").replace(" | ", " or ")
    return re.sub(r"Sequence\[(.+?)\]", r"list of \1s", text)


# Python


def experiment_functions() -> str:
    """What an experiment's files define and use."""
    from pipelines.experiment import definition, parameter
    from pipelines.verdicts.expectations import Check, at_most, not_tested

    attributes = attribute_texts(definition.Experiment)
    rows = [(code(name), attributes[name]) for name in ("parameters", "build", "run")]
    return "\n".join(
        [
            "## experiment.py\n",
            table(("name", "meaning"), rows),
            *(_function(one) for one in (parameter,)),
            "## expectation.py\n",
            "`check(tables)` returns a list of `Check`, from `pipelines.verdicts.expectations`.\n",
            *(_function(one) for one in (Check, at_most, not_tested)),
            "## metrics.py\n",
            "`METRICS` is a list of `Metric`, from `pipelines.metrics`.\n",
            _function(BUILT_IN.metrics[0].__class__),
        ]
    )


def _function(one: Any) -> str:
    texts = sections(one.__doc__, "Parameters") | sections(one.__doc__, "Attributes")
    signature = f"{one.__name__}{inspect.signature(one)}" if not inspect.isclass(one) else ""
    parts = [f"### {one.__name__}\n"]
    if signature:
        lines = textwrap.fill(signature.replace("'", ""), 80, subsequent_indent="    ")
        parts.append(f"```python\n{lines}\n```\n")
    parts.append(paragraphs(one.__doc__) + "\n")
    if texts:
        parts.append(table(("name", "meaning"), ((code(k), v) for k, v in texts.items())))
    return "\n".join(parts)


def plasticity_rules() -> str:
    """Which spikes the rules of plasticity count that come with the project."""
    from pipelines.backends.shared import plasticity_rules as rules

    own = [one for one in vars(rules).values() if getattr(one, "__module__", "") == rules.__name__]
    classes = [one for one in own if inspect.isclass(one) and one.__doc__]
    return "\n".join(f"### {one.__name__}\n\n{_of_pynn(one.__doc__)}\n" for one in classes)


def _of_pynn(text: str | None) -> str:
    """A docstring of PyNN: its arguments as a list, each formula on a line of its own."""
    text = re.sub(r"\n(?=For (?:depression|potentiation))", "\n\n", paragraphs(text))
    text = re.sub(r"^    (`\w+`):?\n {8}", r"- \1: ", text, flags=re.MULTILINE)
    return text.replace("Arguments:\n", "Arguments:\n\n")


# metrics


def metrics() -> str:
    """The built-in metrics, by what they are computed from."""
    parts = []
    for kind in KINDS:
        found = BUILT_IN.of_kind(kind)
        parts += [f"## Of a {kind}\n"] * bool(found)
        for one in found:
            unit = "unit of the variable" if one.unit == "" else "pure number"
            unit = unit if one.unit in ("", "1") else one.unit
            parts += [f"### {one.name}\n", f"{one.meaning[0].upper()}{one.meaning[1:]} ({unit}).\n"]
            parts += [paragraphs(one.sample.__doc__) + "\n", *_number(one), *_comparison(one)]
    return "\n".join(parts)


def _number(metric: Any) -> list[str]:
    """How the values of a run become one number, for metrics of which several values are one."""
    if metric.summary is None or metric.summary is only:
        return []
    return [f"The number of a run: {_first_line(metric.summary)}\n"]


def _comparison(metric: Any) -> list[str]:
    """How backends are compared in a metric."""
    if metric.distance is None:
        return []
    rank = "Primary" if metric.primary else "Secondary"
    return [f"{rank}. Margin: {_margin(metric)}. Distance: {_first_line(metric.distance)}\n"]


def _first_line(function: Any) -> str:
    line = paragraphs(function.__doc__).partition("\n\n")[0]
    return " ".join(line.split())


def _margin(metric: Any) -> str:
    if metric.scale is Scale.LOG:
        return f"a factor of {1 + metric.margin:g}"
    if metric.margin_of is Margin.NOTHING:
        return f"{metric.margin:g}, in the unit of the metric"
    return f"{metric.margin:g} of the {metric.margin_of.value}"


# the command line


def command() -> str:
    """Every command with its arguments and options."""
    _, commands = importlib.import_module("pipelines.cli.main")._parsers()
    parts = []
    for name, parser in commands.items():
        parts += [f"## {name}\n", f"{prose(parser.description)}\n"]
        usage = parser.format_usage().removeprefix("usage: ")
        parts += [f"```text\n{inspect.cleandoc(usage)}\n```\n", *_arguments(parser)]
        if parser.epilog:
            parts.append(f"{_epilog(parser.epilog)}\n")
    return "\n".join(parts)


def prose(text: str | None) -> str:
    """A help text as Markdown: lines in columns, which have two spaces within, are a block."""
    parts = []
    for in_columns, lines in itertools.groupby(
        (text or "").splitlines(), key=lambda line: "  " in line
    ):
        part = "\n".join(lines)
        parts.append(f"\n```text\n{part}\n```\n" if in_columns else part)
    return "\n".join(parts)


def _epilog(text: str) -> str:
    examples = re.findall(r"^example: (.*)$", text, re.MULTILINE)
    if not examples:
        return text
    lines = "\n".join(examples)
    return f"Example{'s' * (len(examples) > 1)}:\n\n```text\n{lines}\n```"


def _arguments(parser: argparse.ArgumentParser) -> list[str]:
    rows, below = [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                below += [f"### {parser.prog.rpartition(' ')[2]} {name}\n"]
                below += [f"{' '.join((sub.description or '').split())}\n", *_arguments(sub)]
            continue
        if action.help == argparse.SUPPRESS or action.dest == "help":
            continue
        metavar = action.metavar or ("" if action.nargs == 0 else action.dest.upper())
        shown = " ".join(metavar) if isinstance(metavar, tuple) else metavar
        names = " ".join([", ".join(action.option_strings), shown]).strip()
        rows.append((code(names), (action.help or "") % vars(action) if action.help else ""))
    return [table(("argument", "meaning"), rows)] * bool(rows) + below


# tables


def tables() -> str:
    """Columns of every table with type, unit and description."""
    parts = []
    for name, schema in schemas.SCHEMAS.items():
        rows = [
            (code(column.name), column.type, _metadata(column, "unit"),
             _metadata(column, "description"))
            for column in schema
        ]  # fmt: skip
        parts += [f"## {name}\n", table(("column", "type", "unit", "meaning"), rows)]
    return "\n".join(parts)


def _metadata(column: Any, key: str) -> str:
    return str((column.metadata or {}).get(key.encode(), b"").decode())


# hardware

CERTAINTIES = ("verified", "secondary", "unverified")


def hardware_overview() -> str:
    """Every hardware profile with its constraints, and how many of its numbers are certain."""
    rows = []
    for name, profile in _hardware_profiles().items():
        found = [row[2] for row in _profile_rows(profile)]
        counts = [sum(f", {one}" in text for text in found) for one in CERTAINTIES]
        constraints = ", ".join(map(code, profile.get("constraints", {}))) or "none"
        rows.append((code(name), profile["title"], constraints, *counts))
    return table(("profile", "chip", "constraints", *CERTAINTIES), rows)


def hardware_numbers() -> str:
    """Every hardware profile: its numbers with source and certainty, and what it leaves out."""
    parts = []
    for name, profile in _hardware_profiles().items():
        parts.append(f"### {profile['title']}\n\n`{name}`: {profile['description']}\n")
        rows = _profile_rows(profile)
        if rows:
            parts.append(table(("key", "value", "based on"), rows))
        for key, source in profile.get("sources", {}).items():
            doi = f", doi {source['doi']}" if "doi" in source else ""
            text = f"{source['authors']} ({source['year']}). {source['title']}. "
            parts.append(f"- **{key}**: {text}{source['published']}{doi}.")
        parts.append("\nNot modelled:\n")
        parts += [f"- {' '.join(sentence.split())}" for sentence in profile["not_modelled"]]
        parts.append("")
    return "\n".join(parts)


def _hardware_profiles() -> dict[str, dict[str, Any]]:
    paths = sorted((ROOT / "pipelines" / "hardware").glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}


def _profile_rows(profile: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Key, value and origin of each setting of a hardware profile."""
    sections = ("capacity", "constraints", "energy")
    return [row for one in sections for row in _settings(one, profile.get(one, {}))]


def _settings(place: str, value: Any) -> Iterable[tuple[str, str, str]]:
    if not isinstance(value, dict):
        text = ", ".join(value) or "none" if isinstance(value, list) else str(value)
        yield code(place), text, ""
    elif "certainty" in value:
        yield code(place), _number_text(value), _origin(value)
    elif "distribution" in value:
        width = next(key for key in ("cv", "sd") if key in value)
        text = f"{value['distribution']}, {width} {_number_text(value[width])}"
        yield code(place), text, _origin(value[width])
    else:
        for key, part in value.items():
            yield from _settings(f"{place}.{key}".removeprefix("constraints."), part)


def _number_text(number: dict[str, Any]) -> str:
    value = number["value"]
    return f"{value:,}" if abs(value) >= 1e-3 else f"{value:.3g}"


def _origin(number: dict[str, Any]) -> str:
    text = f"**{number['source']}**, {number['certainty']}"
    return f"{text}: {number['note']}" if "note" in number else text
