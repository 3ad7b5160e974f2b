"""Resolving a setup: an operator says what became of one that its gateway does not answer about. Pure.

As machine/resolving.py has it for payments: it concludes as the gateway's own answer would have.
"""

from domain.copies import replace
from domain.machine.resolving import NOT_DONE, resolution_of, word_refusal, wrongly
from domain.machine.setups import wording
from domain.machine.setups.conclusions import conclude
from domain.machine.setups.evolution import evolve
from domain.methods.families import TYPES, Family
from domain.model.events import OutcomeResolved
from domain.model.outcomes import Approved, Declined, Outcome, SetUp
from domain.model.resolutions import Resolve
from domain.model.setup_events import SetupEvent
from domain.model.setup_intent import SetupIntent
from domain.refusals import Refusal


def resolve(state: SetupIntent, command: Resolve, now: int) -> tuple[SetupEvent, ...] | Refusal:
    """The facts that the operator's word is."""
    effect = state.pending
    if effect is None:
        return wording.nothing_unknown()
    refusal = word_refusal(command, effect.key, _done_refusal(effect) if command.done else None)
    if refusal is not None:
        return replace(refusal, code=wording.INVALID_PARAMETER)
    said = OutcomeResolved(resolution_of(command, effect, now))
    outcome: Outcome = Declined(decline_code=NOT_DONE)
    if command.done:
        outcome = Approved(authorization=command.reference or effect.attempt)
    after = evolve(state, (said,), check_table=False)
    return said, *conclude(after, effect, outcome, now).events


def _done_refusal(effect: SetUp) -> Refusal | None:
    """Why only its gateway can say that it was done: its buyer is sent away, and what is kept is another account."""
    if TYPES[effect.method_type].family not in (Family.REDIRECT, Family.VOUCHER, Family.CODE):
        return None
    text = (
        f"A setup by {effect.method_type} is done once its buyer has been sent to their bank, and what is kept is what "
        "that bank tells of them, which only its gateway can say: say that it was not done."
    )
    return wrongly("done", text)
