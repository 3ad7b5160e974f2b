"""What several tests look at, walked once."""

from collections.abc import Sequence

import pytest

from tests.support.walk import Step, walk


@pytest.fixture(scope="package")
def steps() -> Sequence[Step]:
    """Every step from every kind of state that is reached: a hundred thousand, and half a minute's work."""
    return tuple(walk())
