"""How much may be said of a SetupIntent at all: the limits of machine/limits.py, which has their reasons."""

from collections.abc import Sequence

from domain.copies import replace
from domain.machine.limits import OPEN_BYTES_MAX, SAID_BYTES_MAX, weight
from domain.model.commands import Command
from domain.model.outcomes import SetUp
from domain.model.setup_intent import SetupIntent
from domain.refusals import Refusal


def said(state: SetupIntent) -> int:
    """How many bytes what was said of the intent takes, as JSON, or will take once it has been tried to set it up."""
    # The method is in the next attempt and in its error as well.
    return weight(replace(state, ledger=())) + 2 * (weight(state.payment_method) if state.payment_method else 0)


def too_much_said(before: SetupIntent, after: SetupIntent, effect: SetUp | None = None) -> Refusal | None:
    """Refuse to take an intent from `before` to `after` if too much is said of it then, and more than now."""
    total = said(after) + (weight(effect) if effect else 0)
    if total <= SAID_BYTES_MAX or (effect is None and total <= said(before)):
        return None
    return _too_large(total)


def intent_refusal(intent: SetupIntent) -> Refusal | None:
    """Refuse a new intent of which too much is said."""
    total = said(intent)
    return _too_large(total) if total > SAID_BYTES_MAX else None


def too_many_open(state: SetupIntent, waiting: Sequence[Command], command: Command) -> bool:
    """Whether `command` had better come again: with those `waiting` there would be more to answer than fits."""
    if not waiting:
        return False
    answer = said(state) + sum(entry.weight for entry in state.ledger)
    return sum(answer + weight(one) for one in (*waiting, command)) > OPEN_BYTES_MAX


def _too_large(total: int) -> Refusal:
    return Refusal(
        message=f"This SetupIntent would be too large: its parameters and its payment method together take {total} "
        f"bytes, and can take at most {SAID_BYTES_MAX}."
    )
