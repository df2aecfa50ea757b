"""Description of the reference backend."""

from pipelines.backends.protocol import Backend, Style

BACKEND = Backend(
    name="reference",
    # Okabe and Ito's black.
    style=Style("Reference", "#000000", "P", (4.0, 1.0, 1.0, 1.0), 0.8, 1.2),
    position=30,
    packages=("PyNN", "numpy", "scipy"),
    is_reference=True,
)
