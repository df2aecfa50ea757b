"""A backend in a temporary folder, as somebody would add one: nothing else knows of it."""

from pathlib import Path

# Of one that is there: cells by another name, and with another refractory period.
PYNN = '''
"""A simulator whose neurons rest for 3 ms unless they are told otherwise."""

from pipelines.backends.nest import *  # noqa: F403
from pipelines.backends.nest import IF_curr_exp as _Cell
from pipelines.backends.nest import registry  # noqa: F401


class IF_curr_exp(_Cell):
    """Leaky integrate-and-fire neuron."""

    default_parameters = {**_Cell.default_parameters, "tau_refrac": 3.0}
'''

DESCRIPTION = '''
"""What the library has to know of the toy."""

from pipelines.backends.protocol import Backend, Style

BACKEND = Backend(
    name="toy",
    style=Style("Toy simulator", "#117733", "*", (1.0, 2.0), 1.0, 1.5),
    position=40,
    packages=("PyNN", "numpy"),
)
'''


def add_toy(folder: Path, description: str = DESCRIPTION) -> Path:
    """Write the backend `toy` below a folder, which is for COUNTERPOINT_BACKENDS.

    Returns
    -------
    Path
        The backend's folder.
    """
    toy = folder / "toy"
    toy.mkdir(parents=True)
    (toy / "__init__.py").write_text(PYNN)
    (toy / "description.py").write_text(description)
    return toy
