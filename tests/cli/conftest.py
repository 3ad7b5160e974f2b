"""The stage of the workflows' tests: a worker per test on the real dev server."""

from tests.workflows.conftest import stage

__all__ = ["stage"]
