"""The state diagram in the docs is the one in the code."""

from settings import ROOT
from tests.architecture.state_diagram import page


def test_the_page_is_fresh() -> None:
    text = (ROOT / "docs" / "state-machine.md").read_text()
    assert text == page(), "stale: run `make diagram`"
