"""``counterpoint doctor``. What a simulator says is asked once; the rest answers for it."""

import pytest

from pipelines.backends import VARIABLE, default_names, names
from pipelines.cli import doctor
from pipelines.errors import BadInput
from pipelines.execution import probe, probe_process
from tests.toy_backend import DESCRIPTION, add_toy


@pytest.fixture
def well(monkeypatch):
    """Backends that answer at once that all is well."""
    asked = []

    def probe_in_process(*question):
        asked.append(question)
        return {"ok": True, "detail": "fine", "seconds": 0.0}

    monkeypatch.setattr(doctor, "probe_in_process", probe_in_process)
    return asked


def test_a_real_backend_runs_its_tiny_network():
    answer = probe_process.probe_in_process("nest")
    assert answer["ok"], answer
    assert "a network of two neurons ran" in answer["detail"]


def test_a_real_experiment_is_built(counterpoint, demo):
    answer = probe_process.probe_in_process("nest", "demo", "quick")
    assert answer["ok"], answer


def test_what_a_backend_refuses_is_told(counterpoint, demo):
    sweep = demo / "sweep.yaml"
    sweep.write_text(sweep.read_text().replace("neurons: [spikes]", "nuerons: [spikes]"))
    answer = probe_process.probe_in_process("nest", "demo", "quick")
    assert not answer["ok"]
    assert "'nuerons'" in answer["detail"]
    assert "did you mean 'neurons'?" in answer["detail"]


def test_a_process_that_dies_is_told(counterpoint, demo):
    source = demo / "experiment.py"
    text = source.read_text()
    source.write_text(
        text.replace("    stimulus = sim", "    import os; os.abort()\n    stimulus = sim")
    )
    answer = probe_process.probe_in_process("nest", "demo", "quick")
    assert not answer["ok"] and "killed by signal 6" in answer["detail"]


def test_all_is_well(counterpoint, demo, well):
    answer = counterpoint("doctor", "demo")
    assert answer.code == 0
    assert "all is well" in answer.out and "nest-simulator" in answer.out
    assert well == [
        *((backend,) for backend in names()),
        *(
            (backend, "demo", profile)
            for profile in ("quick", "full")
            for backend in default_names()
        ),
    ]
    found = counterpoint("doctor", "demo", "--json").json
    assert found["problems"] == []
    assert found["versions"]["PyNN"] and found["compiler"].keys() == {"ok", "detail"}
    assert found["experiment"]["profiles"]["full"]["ok"]


def test_without_an_experiment_only_the_installation_is_looked_at(counterpoint, well):
    found = counterpoint("doctor", "--json").json
    assert "experiment" not in found and well == [(backend,) for backend in names()]


def test_what_can_be_compiled_is_compiled_first(counterpoint, well):
    found = counterpoint("doctor", "--compile", "--json").json
    assert set(found["compiled"]) == set(names())
    assert well == [*((backend, "compile") for backend in names()), *((b,) for b in names())]


def test_who_compiles_says_how_far_it_is(tmp_path, monkeypatch, capfd):
    method = "    def compile_ahead(self, progress):\n        progress('1 of 1')\n"
    description = DESCRIPTION.replace(
        "BACKEND = Backend(", f"class _Toy(Backend):\n{method}\n\nBACKEND = _Toy("
    )
    add_toy(tmp_path, description)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    answer = probe_process.probe_in_process("toy", "compile")
    assert answer["ok"] and answer["detail"] == "all that runs need is compiled"
    assert "toy: 1 of 1" in capfd.readouterr().err
    assert "nothing to compile" in probe_process.probe_in_process("nest", "compile")["detail"]


def test_an_unknown_experiment_is_bad_input(counterpoint, demo, well):
    answer = counterpoint("doctor", "demmo")
    assert answer.code == 2 and "did you mean 'demo'?" in answer.err and well == []


def test_each_profile_is_looked_at(counterpoint, demo, well):
    sweep = demo / "sweep.yaml"
    sweep.write_text(sweep.read_text().replace("tau_m: [10.0,", "tau_m: [-10.0,"))
    answer = counterpoint("doctor", "demo")
    assert answer.code == 1
    assert "profiles.full.grid.tau_m[0]: -10.0 ms is outside" in answer.out
    assert len(counterpoint("doctor", "demo", "--json").json["problems"]) == 1


def test_an_experiment_that_does_not_load(counterpoint, demo, well):
    (demo / "experiment.py").write_text("x = 1\n")
    found = counterpoint("doctor", "demo", "--json")
    assert found.code == 1
    assert "defines no 'Parameters'" in found.json["problems"][0]


def test_a_backend_that_does_not_work(counterpoint, monkeypatch):
    monkeypatch.setattr(
        doctor, "probe_in_process", lambda b: {"ok": b == "nest", "detail": "gone", "seconds": 0}
    )
    answer = counterpoint("doctor", "--json")
    assert answer.code == 1
    assert answer.json["problems"] == [f"{name}: gone" for name in names() if name != "nest"]


def test_what_is_refused_is_told_once_for_all_profiles(counterpoint, demo, monkeypatch):
    def probe_in_process(backend, *where):
        extent = {(): "", ("demo", "quick"): "the run", ("demo", "full"): "2 of 4 runs"}[where]
        refusal = {"experiment": "demo", "backend": backend}
        refusal |= {"reason": "delay: 0.25 ms", "extent": extent}
        well = {"ok": True, "detail": "", "seconds": 0}
        return well | ({"ok": False, "refusals": [refusal]} if where and backend == "nest" else {})

    monkeypatch.setattr(doctor, "probe_in_process", probe_in_process)
    answer = counterpoint("doctor", "demo", "--json")
    assert answer.code == 1
    assert answer.json["problems"] == [
        "demo: nest refuses of quick the run; of full 2 of 4 runs: delay: 0.25 ms"
    ]
    said = counterpoint("doctor", "demo").out
    assert said.count("delay: 0.25 ms") == 1 and "would be refused" in said


def test_no_compiler_is_told_with_what_follows(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler-anywhere")
    answer = doctor.check_compiler()
    assert not answer["ok"] and "NumPy" in answer["detail"]
    monkeypatch.setenv("CXX", "false")
    assert "cannot build an extension" in doctor.check_compiler()["detail"]


def test_whatever_is_raised_is_an_answer_in_one_line():
    def refuse():
        raise BadInput("here", "no", "yes")

    def fail():
        raise RuntimeError("two\nlines")

    assert probe.run_probe(refuse)["detail"] == "here: no; allowed: yes"
    assert probe.run_probe(fail)["detail"] == "RuntimeError: two lines"
    assert probe.run_probe(lambda: "fine")["ok"]
