"""What the code of `build` tells about the names it returns."""

import pytest

from pipelines.experiment import returned_names

HEAD = "def build(sim, parameters, seed):\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (HEAD + "    return {'a': 1, 'b': 2}\n", ("a", "b")),
        (HEAD + "    if seed:\n        return {'a': 1}\n    return {'b': 2, 'a': 3}\n", ("a", "b")),
        (HEAD + "    def inner():\n        return 3\n    return {'a': inner()}\n", ("a",)),
        (HEAD + "    return {}\n", ()),
        ("def build():\n    return {'old': 1}\n" + HEAD + "    return {'new': 1}\n", ("new",)),
        # Where the code does not tell, nothing is refused.
        (HEAD + "    network = {'a': 1}\n    return network\n", None),
        (HEAD + "    return {'a': 1, **more}\n", None),
        (HEAD + "    return {name: 1 for name in 'ab'}\n", None),
        (HEAD + "    return {'a': 1, seed: 2}\n", None),
        (HEAD + "    if seed:\n        return {'a': 1}\n    return other()\n", None),
        (HEAD + "    pass\n", None),
        ("@wrapped\n" + HEAD + "    return {'a': 1}\n", None),
        ("from .network import build\n", None),
        ("build = make\n", None),
    ],
)
def test_names(text, names, tmp_path):
    path = tmp_path / "experiment.py"
    path.write_text(text)
    assert returned_names(path) == names
