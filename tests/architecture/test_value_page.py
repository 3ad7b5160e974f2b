"""The test values in the docs are those of the simulator."""

from settings import ROOT
from tests.architecture.value_page import page


def test_the_page_is_fresh() -> None:
    text = (ROOT / "docs" / "TEST_VALUES.md").read_text()
    assert text == page(), "stale: run `make values`"
