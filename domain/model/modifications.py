"""What a payment knows of modifications: what its gateway has taken on, and what has ended and may be told of again."""

from dataclasses import dataclass

from domain.model.outcomes import CaptureHold, Effect, Increment, Modification, Void

ENDED_KEPT = 8
"""With the payment, the latest ones. News that are about none of them contradict the record, and a person is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedModification:
    """A modification that a gateway has taken on `at` (Unix seconds), under its `reference`, and not answered yet.

    At `ask_at` it is asked, if nothing was heard until then; None: it cannot be.
    """

    effect: Modification
    reference: str
    at: int
    ask_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedModification:
    """A modification of a hold whose end was heard, and of which more may be heard.

    It was `refused`, and news of its success may be late; or it became known by its key, and its gateway's `reference`
    (empty) has still to be told. `by_word`: an operator has said how it ended, and not the gateway.
    """

    effect: Modification
    reference: str
    refused: bool
    by_word: bool = False


def of_a_hold(effect: Effect | None) -> Modification | None:
    """The effect, if it changes what is held; None for what calls back what can still be paid, too."""
    if isinstance(effect, Void):
        return None if effect.captured is None else effect
    return effect if isinstance(effect, CaptureHold | Increment) else None


def kept(ended: tuple[EndedModification, ...], latest: EndedModification) -> tuple[EndedModification, ...]:
    """What stays with the payment, the latest last."""
    return (*ended, latest)[-ENDED_KEPT:]
