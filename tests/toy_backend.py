"""A backend in a temporary folder, as CONTRIBUTING.md shows one: nothing else knows of it."""

from pathlib import Path

from tests.recipes import recipes

_FOLDER = "pipelines/backends/toy"
PYNN = recipes()[f"{_FOLDER}/__init__.py"]
DESCRIPTION = recipes()[f"{_FOLDER}/description.py"]


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
