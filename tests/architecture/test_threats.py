"""docs/THREATS.md: every test that it names is there, by file and by name."""

import re

import pytest

from settings import ROOT

NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", (ROOT / "docs" / "THREATS.md").read_text())))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_what_is_said_to_hold_it_is_there(path: str, name: str) -> None:
    assert (ROOT / path).exists(), path
    if name:
        assert re.search(rf"def {name}\(", (ROOT / path).read_text()), name


def test_they_were_found() -> None:
    assert len(NAMED) > 60
