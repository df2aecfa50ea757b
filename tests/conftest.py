"""What tests of several rooms need."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def interpreted() -> Iterator[None]:
    """Brian2 without compiling, for networks that are small."""
    brian2 = pytest.importorskip("brian2")
    before = brian2.prefs.codegen.target
    brian2.prefs.codegen.target = "numpy"
    yield
    brian2.prefs.codegen.target = before
