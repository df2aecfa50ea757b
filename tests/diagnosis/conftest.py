"""Replays are of the tiny experiment that the tests of execution carry out."""

from tests.execution.conftest import project  # noqa: F401 - a fixture
