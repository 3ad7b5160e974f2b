"""A request in an older version's words, in those of today; and what a version does not take any more."""

from collections.abc import Callable
from functools import cache

from rendering.versions.base import Given, RequestRefused
from rendering.versions.table import CHANGES, changes_after


def in_todays_words(given: Given, operation: str, version: str) -> Given:
    """The parameters of an operation, as the newest version has them.

    Raises:
        RequestRefused: this version does not take them.
    """
    checks, steps = _ways(operation, version)
    for check in checks:
        check(given)
    for step in steps:
        try:
            given = step(given)
        except RequestRefused as refused:
            text = refused.message.replace("{version}", version)
            raise RequestRefused(text, code=refused.code, param=refused.param) from None
    return given


@cache
def _ways(
    operation: str, version: str
) -> tuple[tuple[Callable[[Given], None], ...], tuple[Callable[[Given], Given], ...]]:
    """What is refused, and the steps from the version to today, oldest first."""
    since = [change for change in CHANGES if not change.concerns(version)]
    checks = [change.refuses[operation] for change in since if operation in change.refuses]
    steps = [change.takes[operation] for change in reversed(changes_after(version)) if operation in change.takes]
    return tuple(checks), tuple(steps)
