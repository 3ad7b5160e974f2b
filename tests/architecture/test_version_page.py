"""The page about versions is what the modules say, and the modules are all in the table."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from contracts.api_versions import KNOWN
from rendering.versions import changes
from rendering.versions.base import Change
from rendering.versions.table import CHANGES, LEFT
from tests.architecture.version_page import page

PAGE = Path(__file__).parents[2] / "docs" / "VERSIONS.md"


def test_it_is_current() -> None:
    assert PAGE.read_text() == page(), "run `make versions`"


def test_every_change_is_in_the_table_once_newest_first() -> None:
    modules = [import_module(f"{changes.__name__}.{module.name}") for module in iter_modules(changes.__path__)]
    made = [value for module in modules for value in vars(module).values() if isinstance(value, Change)]
    assert len(CHANGES) == len({id(change) for change in CHANGES}) == len({id(change) for change in made})
    assert {id(change) for change in made} == {id(change) for change in CHANGES}
    since = [change.since for change in CHANGES]
    assert since == sorted(since, reverse=True)


def test_each_says_since_when_and_how_it_is_known() -> None:
    for change in CHANGES:
        assert change.since in KNOWN
        assert change.source.startswith("https://")
        assert set(change.known_from.split(", ")) <= {"changelog", "types", "recording", "guess"}
    assert {left.since for left in LEFT} <= KNOWN
