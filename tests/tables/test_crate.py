"""The crate: every file with its checksum, every run with its parameters, software and outcome."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pytest
from requests_cache import CachedRequest, CachedResponse, CachedSession
from rocrate.rocrate import ROCrate
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings

from pipelines.experiment import Experiment, parameter
from pipelines.installation import LIBRARY
from pipelines.tables.crate import FILE_NAME, describe_results, write_crate
from pipelines.tables.crate_sources import SNAKEFILE, copy_sources, sources
from tests import synthetic

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
# Terms of that context that crates have. One that is not here is unknown to the validator: look it
# up in the context before you add it.
SCHEMA_ORG = """
    CreateAction ControlAction OrganizeAction ComputerLanguage CreativeWork Dataset HowTo HowToStep
    PropertyValue SoftwareApplication SoftwareSourceCode
    about actionStatus additionalType contentSize datePublished defaultValue description
    encodingFormat endTime error exampleOfWork hasPart identifier instrument license mainEntity
    mentions name object position programmingLanguage result softwareRequirements softwareVersion
    startTime step unitText url value valueRequired version workExample
"""
OTHER_TERMS = {
    "File": "http://schema.org/MediaObject",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
}
# What the profiles recommend and a crate does not know, or has no name on the web for.
NOT_GIVEN = {
    "The Application SHOULD have a url",
    "The SoftwareApplication id SHOULD be an absolute URI",
    "The Main Workflow SHOULD comply with Bioschemas ComputationalWorkflow profile version 1.0"
    " or later",
    "The Action SHOULD have an endTime in ISO 8601 format",  # those of steps without a clock
    "The Action SHOULD have an agent that is a Person or Organization",
    "The Root Data Entity SHOULD have a link to a Contextual Entity representing the"
    " schema_org:license type",
    "The Root Data Entity SHOULD have a link to a Contextual Entity representing the `author` of"
    " the RO-Crate",
    "The `publisher` property of a `Root Data Entity` SHOULD be an `Organization`",
    # Of a README.md that the crate does not have.
    "The README.md SHOULD be about the crate",
    "The README.md SHOULD have text/markdown as its encodingFormat",
}
TABLES = (
    *("runs", "spikes", "weights", "signals"),
    *("metrics", "comparisons", "verdicts", "expectations"),
)


@dataclass(frozen=True)
class Parameters:
    """Parameters of the experiment."""

    weight: float = parameter(1.5, "nA", "synaptic weight")
    rule: str = parameter("add itive", "", "rule of plasticity")
    size: int = parameter(3, "1", "number of cells")


@pytest.fixture
def experiment(tmp_path):
    folder = tmp_path / "experiments" / "tiny"
    (folder / "figures").mkdir(parents=True)
    for name in ("experiment.py", "sweep.yaml", "figures/bars.py", "stimulus.dat"):
        (folder / name).write_text(f"{name}\n")
    return Experiment("tiny", folder, Parameters, lambda: None, None, folder / "experiment.py")


@pytest.fixture
def results(tmp_path, experiment):
    """Results of three runs, one of them failed, and one stored by an earlier version."""
    folder = tmp_path / "results" / "tiny"
    folder.mkdir(parents=True)
    rows = []
    outcomes = [("nest", 1, "done"), ("brian2", 1, "done"), ("nest", 2, "failed")]
    for number, (backend, seed, status) in enumerate(outcomes):
        values = {"weight": 0.5 * seed, "rule": "add itive", "size": 3}
        row = synthetic.run_row("tiny", backend, number, values, {"neurons": 2}, seed, status)
        rows.append(row | {"started_utc": f"2026-01-02T03:04:0{number}.500+00:00"})
    rows[1] |= {
        "versions": json.dumps({"Brian2": "2.9.0"}), "git_clean": False, "started_utc": "",
    }  # fmt: skip
    pd.DataFrame(rows).to_parquet(folder / "runs.parquet")
    for name in TABLES[1:]:
        synthetic.empty(name).to_parquet(folder / f"{name}.parquet")
    copy_sources(sources(experiment, LIBRARY / "workflow"), folder)
    # Snakemake marks folders that it made.
    (folder / "source" / ".snakemake_timestamp").touch()
    return folder


def written(folder, experiment, tables=TABLES, published=None):
    """Write the crate; return its entities by identifier."""
    about = {"description": "Two cells", "profile": "quick"}
    write_crate(folder / FILE_NAME, describe_results(folder, tables, experiment, about, published))
    graph = json.loads((folder / FILE_NAME).read_text())["@graph"]
    found = {entity["@id"]: entity for entity in graph}
    assert len(found) == len(graph)
    return found


def references(entity):
    """Identifiers that an entity refers to; crates nest nothing else."""
    for value in entity.values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                assert set(part) == {"@id"}
                yield part["@id"]


def issues(folder, tmp_path):
    """Messages of the validator by severity; the context is answered without a network."""
    terms = {term: f"http://schema.org/{term}" for term in SCHEMA_ORG.split()} | OTHER_TERMS
    cache = tmp_path / "http"
    with CachedSession(str(cache), backend="sqlite", expire_after=-1) as session:
        session.cache.save_response(
            CachedResponse(
                status_code=200,
                url=CONTEXT,
                headers={"Content-Type": "application/ld+json"},
                content=json.dumps({"@context": terms}).encode(),
                request=CachedRequest(method="GET", url=CONTEXT),
            )
        )
    result = services.validate(
        ValidationSettings(
            rocrate_uri=str(folder),
            profile_identifier="provenance-run-crate-0.5",
            requirement_severity=Severity.RECOMMENDED,
            offline=True,
            cache_path=cache,
        )
    )
    found = {Severity.REQUIRED: set(), Severity.RECOMMENDED: set()}
    for issue in result.get_issues():
        found[issue.severity].add(issue.message)
    return found


def test_a_crate_is_a_valid_provenance_run_crate(results, experiment, tmp_path):
    written(results, experiment)
    found = issues(results, tmp_path)
    assert found[Severity.REQUIRED] == set()
    assert found[Severity.RECOMMENDED] <= NOT_GIVEN


@pytest.mark.parametrize(
    "faults",
    [
        {
            ('"additionalType": "Float", ', ""): "FormalParameter MUST have an additionalType",
            ('"instrument": {"@id": "#tool/1"}, ', ""): "The Action MUST have an instrument",
            ('"programmingLanguage": ', '"identifier": '): "must refer to its language",
        },
        {('"input": ', '"input_of": '): '"input_of" is not allowed'},
    ],
)
def test_the_validator_sees_what_is_wrong(results, experiment, tmp_path, faults):
    written(results, experiment)
    text = (results / FILE_NAME).read_text()
    for old, new in faults:
        assert old in text
        text = text.replace(old, new, 1)
    (results / FILE_NAME).write_text(text)
    said = "; ".join(issues(results, tmp_path)[Severity.REQUIRED])
    assert all(message in said for message in faults.values())


def test_files_have_checksums_and_sources_are_there(results, experiment):
    entities = written(results, experiment)
    content = (results / "runs.parquet").read_bytes()
    runs = entities["runs.parquet"]
    assert runs["sha256"] == hashlib.sha256(content).hexdigest()
    assert runs["contentSize"] == str(len(content)) and runs["description"].endswith("3 rows")
    parts = {part["@id"] for part in entities["./"]["hasPart"]}
    assert {"source/experiments/tiny/experiment.py", "source/workflow/rules/common.smk"} < parts
    assert {name for name in parts if not name.endswith("/")} == {
        path.relative_to(results).as_posix()
        for path in results.rglob("*")
        if path.is_file() and path.name not in (FILE_NAME, ".snakemake_timestamp")
    }
    assert (results / SNAKEFILE).read_bytes() == (LIBRARY / "workflow/Snakefile").read_bytes()
    assert entities["./"]["mainEntity"] == {"@id": SNAKEFILE}


def test_each_run_is_an_action(results, experiment):
    entities = written(results, experiment)
    done, earlier, failed = (
        entities[f"#run/{one}"] for one in ("nest0000", "brian20001", "nest0002")
    )
    assert done["actionStatus"] == "http://schema.org/CompletedActionStatus"
    assert (done["startTime"], done["endTime"]) == (
        "2026-01-02T03:04:00.500+00:00", "2026-01-02T03:04:01.250+00:00",
    )  # fmt: skip
    assert "error" not in done and len(done["result"]) == 4
    assert failed["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert failed["error"] == "NESTError: it did not converge"
    assert failed["result"] == {"@id": "runs.parquet"}
    assert "startTime" not in earlier and "endTime" not in earlier
    # Parameters with their values, shared by the runs that have them.
    values = [entities[part["@id"]] for part in done["object"]]
    assert [(one["name"], one["value"], one.get("unitText")) for one in values] == [
        ("weight", 0.5, "nA"), ("rule", "add itive", None), ("size", 3, None), ("seed", 1, None),
    ]  # fmt: skip
    assert done["object"] == earlier["object"] and done["object"][1:3] == failed["object"][1:3]
    formal = entities[values[0]["exampleOfWork"]["@id"]]
    assert formal == {
        "@id": "#parameter/weight", "@type": "FormalParameter", "name": "weight",
        "description": "synaptic weight", "additionalType": "Float", "unitText": "nA",
        "valueRequired": False, "defaultValue": 1.5,
    }  # fmt: skip
    # Software of each, and the commit.
    tool = entities[earlier["instrument"]["@id"]]
    assert tool["softwareVersion"] == "commit 0123abc with changes"
    assert {"@id": "#software/Brian2/2.9.0"} in tool["softwareRequirements"]
    assert done["instrument"] == failed["instrument"] != earlier["instrument"]
    workflow = entities["#execution/workflow"]
    assert workflow["instrument"] == {"@id": SNAKEFILE}
    assert workflow["description"].startswith("2 of 3 runs done")
    assert workflow["startTime"] == done["startTime"]
    assert workflow["endTime"] == failed["endTime"]


def test_what_is_referred_to_is_described_and_others_read_it(results, experiment):
    entities = written(results, experiment)
    elsewhere = ("http://", "https://")
    for entity in entities.values():
        assert all(one in entities or one.startswith(elsewhere) for one in references(entity))
    read = ROCrate(results)
    assert read.name == "tiny, profile quick" and read.mainEntity.id == SNAKEFILE
    assert read.get("#run/nest0000").type == "CreateAction"


def test_the_same_tables_give_the_same_bytes(results, experiment):
    (results / "spikes.parquet").unlink()
    (results / "spikes.parquet").mkdir()
    for name in ("0.parquet", "1.parquet"):
        synthetic.empty("spikes").to_parquet(results / "spikes.parquet" / name)
    first = written(results, experiment, published=date(2026, 1, 2))
    content = (results / FILE_NAME).read_bytes()
    written(results, experiment, published=date(2026, 1, 2))
    assert (results / FILE_NAME).read_bytes() == content
    assert first["./"]["datePublished"] == "2026-01-02"
    # A table in several files is a folder.
    assert first["spikes.parquet/"]["@type"] == "Dataset"


def test_a_crate_grows_by_a_kilobyte_a_run(results, experiment):
    values = {"rule": "add itive", "size": 3}
    rows = [
        synthetic.run_row("tiny", "nest", number, {"weight": number / 8, **values}, {}, number % 9)
        for number in range(2000)
    ]
    pd.DataFrame(rows).to_parquet(results / "runs.parquet")
    entities = written(results, experiment)
    assert sum(one.startswith("#run/") for one in entities) == 2000
    # The values of `weight`, and nine seeds.
    assert sum(one.startswith("#parameter/seed=") for one in entities) == 9
    assert (results / FILE_NAME).stat().st_size < 2000 * 1100


def test_verdicts_on_hardware_are_a_step_of_their_own_where_there_are_any(results, experiment):
    assert "#action/hardware" not in written(results, experiment)
    added = ("mapping", "hardware", "hardware_verdicts")
    for name in added:
        synthetic.empty(name).to_parquet(results / f"{name}.parquet")
    entities = written(results, experiment, (*TABLES, *added))
    step = entities["#action/hardware"]
    made, read = ({part["@id"] for part in step[key]} for key in ("result", "object"))
    assert made == {"hardware.parquet", "hardware_verdicts.parquet"}
    assert "mapping.parquet" in read
