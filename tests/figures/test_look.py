"""Look of figures: widths in mm, style files, panel letters; files with text, always the same."""

import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from pipelines.errors import BadInput
from pipelines.figures import look, style
from pipelines.figures.draw import draw_figure, save, write_figure
from pipelines.tables.files import write_table
from tests import synthetic

ROOT = Path(__file__).parents[2]
EXPERIMENT = ROOT / "experiments" / "lif_fi_curve"
SWEPT = ("i_offset", "tau_refrac")


@pytest.fixture
def tables(tmp_path):
    """Folder with the tables of a small f-I curve."""
    made = synthetic.lif_fi_curve(currents=[0.1, 0.5, 0.9])
    for name in ("runs", "spikes", "weights", "signals"):
        write_table(name, getattr(made, name), tmp_path / f"{name}.parquet")
    return tmp_path


def width_of(svg):
    """Width of an SVG in mm."""
    return float(re.search(r'<svg[^>]* width="([\d.]+)pt"', svg.read_text())[1]) / 72 * 25.4


@pytest.mark.parametrize(
    ("width", "expected"), [(None, 180), ("page", 180), ("column", 85), (120, 120), (89.5, 89.5)]
)
def test_a_figure_is_as_wide_as_its_option_says(width, expected, tables):
    options = {} if width is None else {"width": width}
    files = [tables / "it.svg"]
    write_figure("fi_curve", tables, EXPERIMENT, files, options, SWEPT)
    assert width_of(files[0]) == pytest.approx(expected, abs=0.1)


def test_a_figure_that_sets_its_own_size_is_made_narrower(tables, tmp_path):
    folder = tmp_path / "experiments" / "lif_fi_curve"
    (folder / "figures").mkdir(parents=True)
    (folder / "experiment.py").write_text((EXPERIMENT / "experiment.py").read_text())
    (folder / "figures" / "own.py").write_text(
        "from matplotlib.figure import Figure\nCAPTION = 'Own.'\n"
        "def draw(tables, swept):\n"
        "    figure = Figure(figsize=(9, 3))\n    figure.subplots(1, 2)\n    return figure\n"
    )
    drawn = draw_figure("own", tables, folder, {"width": "column"})
    assert drawn.get_figwidth() * 25.4 == pytest.approx(85)
    assert draw_figure("own", tables, folder).get_figwidth() == 9
    # Letters are written on it, too.
    assert [axes.texts[0].get_text() for axes in drawn.axes] == ["A", "B"]


def test_panels_have_letters_unless_they_are_alone_or_asked_to_have_none(tables):
    def letters(**options):
        figure = draw_figure("fi_curve", tables, EXPERIMENT, options, SWEPT)
        texts = [text.get_text() for axes in figure.axes for text in axes.texts]
        return [text for text in texts if re.fullmatch("[A-Z]", text)]

    assert letters() == ["A", "B", "C", "D"]
    assert letters(letters=False) == []
    alone = Figure()
    alone.subplots()
    style.letter_panels(alone)
    assert not alone.axes[0].texts


def test_colour_bars_and_parts_of_panels_have_no_letter():
    figure = Figure(layout="constrained")
    first, part, last = figure.subplots(3)
    part.set_label(style.PART_OF_PANEL)
    figure.colorbar(last.imshow([[0, 1]]), ax=last)
    style.letter_panels(figure)
    assert [t.get_text() for axes in figure.axes for t in axes.texts] == ["A", "B"]
    assert first.texts and last.texts


SAVE = """
import sys
from pathlib import Path
from pipelines.figures.draw import write_figure
files = [Path(sys.argv[1]) / f"it.{kind}" for kind in ("png", "svg", "pdf", "txt")]
write_figure("fi_curve", sys.argv[2], sys.argv[3], files, {}, ("i_offset", "tau_refrac"), "quick")
"""


def test_files_hold_text_and_no_date_and_are_the_same_in_every_process(tables):
    for number in ("1", "2"):
        (tables / number).mkdir()
        environment = os.environ | {"PYTHONHASHSEED": number}
        command = [sys.executable, "-c", SAVE, tables / number, tables, EXPERIMENT]
        subprocess.run(command, check=True, env=environment, cwd=ROOT)
    for kind in ("png", "svg", "pdf", "txt"):
        first, second = (tables / number / f"it.{kind}" for number in ("1", "2"))
        assert first.read_bytes() == second.read_bytes(), kind
    svg = (tables / "1" / "it.svg").read_text()
    assert ">firing rate (Hz)</text>" in svg and "<dc:date>" not in svg
    pdf = (tables / "1" / "it.pdf").read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    inner = b"".join(zlib.decompress(one) for one in streams if one[:1] == b"\x78")
    # Fonts of type 42 are embedded TrueType.
    assert b"/FontFile2" in pdf + inner and b"CreationDate" not in pdf
    assert (tables / "1" / "it.txt").read_text().startswith("Above: firing rate")


def test_a_style_file_of_a_project_and_then_of_an_experiment_replaces_settings(tmp_path):
    folder = tmp_path / "experiments" / "one"
    (folder / "figures").mkdir(parents=True)
    assert look.style_files(folder) == ()
    (tmp_path / "experiments" / "style.mplstyle").write_text("font.size: 6\nlines.linewidth: 3\n")
    (folder / "figures" / "style.mplstyle").write_text("font.size: 11  # large\n")
    with look.use(folder), style.theme():
        assert mpl.rcParams["font.size"] == 11 and mpl.rcParams["lines.linewidth"] == 3
        # What they do not say stays.
        assert mpl.rcParams["svg.fonttype"] == "none"
    with style.theme():
        assert mpl.rcParams["font.size"] == 7.5


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "font.sise: 8\n",
            "no setting 'font.sise'; allowed: a setting of Matplotlib; did you mean 'font.size'?",
        ),
        ("font.size: huge\n", "experiments/style.mplstyle: "),
    ],
)
def test_a_wrong_style_file_is_one_message(content, expected, tmp_path):
    folder = tmp_path / "experiments" / "one"
    folder.mkdir(parents=True)
    (tmp_path / "experiments" / "style.mplstyle").write_text(content)
    with pytest.raises(BadInput) as caught:
        look.check_styles(folder)
    assert expected in str(caught.value) and "\n" not in str(caught.value)


def test_fewer_panels_are_beside_each_other_in_a_column():
    assert style.columns(3) == 3 and style.is_wide()
    with look.use(EXPERIMENT, "column"):
        assert style.columns(3) == 1 and not style.is_wide()
        assert style.new_figure(40, share=0.5).get_figwidth() * 25.4 == pytest.approx(85)
    assert style.new_figure(40, share=0.5).get_figwidth() * 25.4 == pytest.approx(90)


def test_a_legend_has_as_many_columns_as_fit():
    def columns(width):
        with look.use(EXPERIMENT, width):
            figure = style.new_figure(50)
            style.legend(figure, ["nest", "brian2"], [style.closed_form_handle("x" * 30)])
        return figure.legends[0]._ncols

    assert columns("page") == 3 and columns("column") == 1


def test_a_kind_of_file_that_is_none_is_refused(tmp_path):
    figure = Figure()
    with pytest.raises(ValueError, match=r"'it.gif' has none of the endings"):
        save(figure, tmp_path / "it.gif")


def test_a_grid_of_panels_becomes_one_column_where_it_does_not_fit():
    figure, panels = style.panel_grid(50, 2, 3, width_ratios=[1, 2, 1], sharey=True)
    assert panels.shape == (2, 3) and figure.get_figheight() * 25.4 == pytest.approx(50)
    with look.use(EXPERIMENT, "column"):
        figure, panels = style.panel_grid(50, 2, 3, width_ratios=[1, 2, 1], sharex="col")
    assert panels.shape == (2, 3) and figure.get_figheight() * 25.4 > 120
    specs = [axes.get_subplotspec() for axes in panels.flat]
    assert [(spec.rowspan.start, spec.colspan.stop) for spec in specs] == [
        (row, 1) for row in range(6)
    ]


def test_a_value_stays_in_one_line_with_its_unit():
    wrapped = style.wrap("rate of each Poisson input = 10 Hz\nneuron 0", 3)
    assert wrapped == "rate of each Poisson input\n= 10 Hz\nneuron 0"
