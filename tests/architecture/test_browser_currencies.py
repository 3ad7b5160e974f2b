"""What pages take for a currency's digits is what the domain says: browsers have other tables, and are not asked."""

import re

import pytest

from domain.money.currencies import THREE_DECIMAL, ZERO_DECIMAL
from settings import ROOT


@pytest.mark.parametrize("source", ["console/src/format.ts", "browser/src/goods.ts"])
def test_a_page_has_the_digits_of_the_domain(source: str) -> None:
    written = (ROOT / source).read_text()
    tables = {name: set(codes.split()) for name, codes in re.findall(r'const (\w+_DECIMAL) = "([a-z ]+)"', written)}
    assert tables == {"ZERO_DECIMAL": ZERO_DECIMAL, "THREE_DECIMAL": THREE_DECIMAL}


def test_no_page_asks_its_browser_for_them() -> None:
    asking = "resolvedOptions"
    sources = [*ROOT.glob("console/src/**/*.ts*"), *ROOT.glob("browser/src/**/*.ts")]
    assert sources
    assert [path.name for path in sources if asking in path.read_text()] == []
