"""``counterpoint export``, and ``counterpoint compare`` of what it writes."""

from dataclasses import replace

import pytest

from tests.exchange.small_run import RUN_ID, small_run, write_folder

FORMATS = ("nwb", "nix", "sonata")


@pytest.fixture
def folder(root):
    return write_folder(small_run(irregular=False), root / "ours")


@pytest.mark.parametrize("form", FORMATS)
def test_a_run_is_exported_and_compared(counterpoint, root, folder, form):
    answer = counterpoint("export", f"{folder}:abcd", "--to", form, "--output", f"x/run.{form}")
    assert answer.code == 0, answer.err
    assert answer.out.startswith(
        f"x/run.{form}: run {RUN_ID}, 5 spikes of 6 neurons, 44 samples, 4 weights"
    )
    assert ("left out: weights before" in answer.out) == (form == "sonata")
    answer = counterpoint("compare", f"x/run.{form}", str(folder), "--json")
    assert answer.code == 0, answer.err
    assert answer.json["verdict"] == "identical"
    assert {"spikes of exc and inh/x", "weights of w"} <= {*answer.json["compared"]}
    assert counterpoint("compare", f"x/run.{form}:{RUN_ID}", f"{folder}:abcd").code == 0


@pytest.mark.parametrize("form", FORMATS)
def test_a_difference_in_a_file_is_found(counterpoint, root, folder, form):
    run = small_run(irregular=False)
    late = run.spikes.assign(time_ms=run.spikes["time_ms"] + [0, 0, 0.1, 0, 0])
    write_folder(replace(run, spikes=late), root / "theirs")
    counterpoint("export", "theirs", "--to", form, "--output", "theirs_files")
    path = f"theirs_files/{RUN_ID}.{form}"
    answer = counterpoint("compare", str(folder), path, "--no-state", "--json")
    assert answer.json["verdict"] == "different"
    assert answer.json["first_difference_ms"] == pytest.approx(10.1)


def test_a_folder_is_exported_a_file_a_run(counterpoint, root, folder):
    answer = counterpoint("export", str(folder), "--to", "nwb", "--json")
    assert [one["file"] for one in answer.json["files"]] == [f"ours_nwb/{RUN_ID}.nwb"]
    assert (root / "ours_nwb" / f"{RUN_ID}.nwb").is_file()


def test_bad_input_is_one_line(counterpoint, root, folder):
    (root / "file.txt").write_text("text")
    for arguments, told in [
        (("export", str(folder), "--to", "nbw"), "nearest: nwb"),
        (("export", "9999", "--to", "nwb"), "is not stored"),
        (("export", str(folder), "--to", "nwb", "--output", "file.txt"), "is a file"),
        (("export", f"{folder}:abcd", "--to", "nwb", "--output", "ours"), "is a folder"),
        (("compare", "file.txt", str(folder)), "is not a file that runs are read from"),
    ]:
        answer = counterpoint(*arguments)
        assert answer.code == 2 and answer.err.count("\n") == 1
        assert told in answer.err or (told.startswith("nearest") and "nwb" in answer.err)


def test_a_damaged_file_is_one_line(counterpoint, root, folder):
    counterpoint("export", f"{folder}:abcd", "--to", "nwb", "--output", "run.nwb")
    (root / "run.nwb").write_bytes((root / "run.nwb").read_bytes()[:3000])
    answer = counterpoint("compare", "run.nwb", str(folder))
    assert answer.code == 1 and answer.err.startswith("run.nwb: cannot be read")
    assert answer.err.count("\n") == 1
