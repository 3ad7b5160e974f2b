"""What axe finds on a page: https://github.com/dequelabs/axe-core, as browser/package.json has it."""

from typing import Any

from playwright.sync_api import Page

from settings import ROOT

AXE = ROOT / "browser" / "node_modules" / "axe-core" / "axe.min.js"
LOOK = """() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21aa"]}).then((found) => found.violations
    .filter((fault) => ["serious", "critical"].includes(fault.impact))
    .map((fault) => [fault.id, fault.nodes.map((node) => node.html)]))"""


def at_each_width(page: Page) -> list[Any]:
    """What axe finds on a telephone, a tablet and a desk, where it was loaded; and where the page is wider than those.

    It ends as wide as a desk.
    """
    found: list[Any] = []
    for width in (390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        found += [(width, *fault) for fault in page.evaluate(LOOK)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append((width, "wider than the screen"))
    return found
