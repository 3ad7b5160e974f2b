"""What somebody may have meant who mistyped a name. Nothing is ever done on such a guess: it is only said."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(name: str, known: Iterable[str]) -> str:
    """` Did you mean …?`, to go behind a sentence; empty where nothing is near."""
    near = get_close_matches(name, sorted(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""
