"""A list said how many there are in all to everybody.

What came in its place, `total_count`, was an addition, which reached every version.
"""

from typing import Any

from rendering.versions.base import Change, Given, Shown, with_keys
from rendering.versions.changes.counted_lists import LISTS, TOTAL_COUNT


def _counted(given: Given) -> Given:
    asked: Any = given.get("include")
    others = list(asked.values()) if isinstance(asked, dict) else asked if isinstance(asked, list) else []
    return {**given, "include": [*others, TOTAL_COUNT]}


def _with_count(listed: Shown) -> Shown:
    return with_keys(listed, count=listed[TOTAL_COUNT]) if TOTAL_COUNT in listed else listed


CHANGE = Change(
    since="2014-03-28",
    title="A list counts only for who asks (`total_count`); before, each has a `count`",
    source="https://docs.stripe.com/changelog/2014-03-28/lists-no-longer-include-count-field",
    known_from="changelog",
    shows={"list": _with_count},
    takes=dict.fromkeys(LISTS, _counted),
)
