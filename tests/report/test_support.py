"""What the report says about the support matrix."""

from pipelines.conformance.support.outcome import Support
from pipelines.conformance.support.page import support_table
from pipelines.report.page import render
from pipelines.report.support import support_of
from pipelines.tables.files import write_table


def written(folder, *cells, backends=("nest", "brian2")):
    found = [
        Support(kind, name, backend, outcome, "", None, detail)
        for kind, name, backend, outcome, detail in cells
    ]
    write_table("support", support_table(found), folder / "support.parquet")
    return support_of(folder, backends)


def test_without_a_table_there_is_no_section(tmp_path):
    assert support_of(tmp_path, ["nest"]) is None
    assert "What of PyNN each backend supports" not in render([])


def test_what_is_refused_is_told_once_with_the_reason(tmp_path):
    found = written(
        tmp_path,
        ("cell", "IF_curr_exp", "nest", "exact", ""),
        ("cell", "IF_curr_exp", "brian2", "exact", ""),
        ("synapse", "SimpleStochasticSynapse", "nest", "alone", ""),
        ("synapse", "SimpleStochasticSynapse", "brian2", "refused", "no <such> model"),
        ("synapse", "MultiQuantalSynapse", "brian2", "refused", "no <such> model"),
        ("cell", "IF_curr_exp", "reference", "basis", ""),
    )
    assert found.backends == ("nest", "brian2") and found.n_rows == 3
    assert found.summary == "NEST: 1 alone, 1 exact; Brian2: 1 exact, 2 refused"
    text = render([], support=found)
    assert "Nothing: every run was done" in text
    assert "All 3 constructs" in text and "Reference" not in text
    assert text.count("no &lt;such&gt; model") == 1
    assert "Brian2, SimpleStochasticSynapse; MultiQuantalSynapse: no &lt;such&gt; model" in text


def test_what_is_wrong_needs_a_look(tmp_path):
    found = written(tmp_path, ("cell", "IF_cond_exp", "brian2", "wrong", "v: -65, expected -60"))
    text = render([], support=found)
    assert "Nothing: every run was done" not in text
    assert "v: -65, expected -60" in text
    assert "counterpoint conformance &#39;cell: IF_cond_exp&#39; --backend brian2" in text
