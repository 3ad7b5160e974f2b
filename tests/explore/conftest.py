"""The real code, loaded once: what it does in one world it does in all, so every test profits from what is known."""

from collections.abc import Iterator

import pytest

from tests.explore import explorer
from tests.explore.world import Rules


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with explorer.real() as real:
        yield real
