"""Resolving: an operator says what became of an effect that its gateway does not answer about. Pure.

It means what the gateway's own answer would have meant, by the same functions; who said it, when, and on what evidence
is a fact beside. Only of what is not known: an unknown outcome, or what was taken on and never told of. Whether the
gateway is still to be heard instead is another question (domain/machine/hearing.py).
"""

from dataclasses import dataclass

from domain.machine.conclusions import conclude
from domain.machine.evolution import evolve
from domain.machine.modifications import concluded
from domain.methods.families import TYPES, Family
from domain.model import wording
from domain.model.events import Event, OutcomeResolved
from domain.model.outcomes import (
    Accepted,
    Approved,
    AskSettlement,
    Authorize,
    Declined,
    Effect,
    Modification,
    Outcome,
    SetUp,
    asked_of_a_gateway,
)
from domain.model.payment_intent import PaymentIntent
from domain.model.resolutions import Resolution, Resolve
from domain.refusals import Refusal

NOT_DONE = "processing_error"
"""Why it was declined, as merchants are told: nobody's bank has said no."""

BY_MAX, EVIDENCE_MAX = 100, 500
"""Characters. They travel with the payment; what is longer belongs into a ticket that the evidence names."""


def is_forgotten(keeps_seconds: int | None, asked_at: int | None, now: int) -> bool:
    """Whether a key that was first used `asked_at` (Unix seconds) must not be used again."""
    return keeps_seconds is not None and asked_at is not None and now - asked_at >= keeps_seconds


def unresolved(state: PaymentIntent) -> Effect | None:
    """The effect that nobody knows how it ended."""
    return state.pending or (state.accepted.effect if state.accepted else None)


def resolved(state: PaymentIntent, command: Resolve, now: int) -> tuple[Event, ...] | Refusal:
    """The facts that the operator's word is."""
    effect = unresolved(state)
    refusal = _refusal(command, effect)
    if refusal is not None:
        return refusal
    if effect is None:
        return nothing()
    done, said = command.done is True, OutcomeResolved(resolution_of(command, effect, now))
    if state.accepted is not None:
        reference = state.accepted.reference
        told = concluded(state, state.accepted.effect, reference, now, succeeded=done, decline_code=NOT_DONE)
        return said, *told
    after = evolve(state, (said,), check_table=False)
    if isinstance(effect, Modification) and command.reference:
        # Its gateway may still tell: that is about this, then, and not about what is asked next.
        return said, *concluded(after, effect, command.reference, now, succeeded=done, decline_code=NOT_DONE)
    return said, *conclude(after, effect, _outcome(command, effect), now).events


def _refusal(command: Resolve, effect: Effect | None) -> Refusal | None:
    if effect is None:
        return nothing()
    refusal = _unresolvable(effect)
    if refusal is not None:
        return refusal
    return word_refusal(command, effect.key, _done_refusal(command, effect) if command.done else None)


def word_refusal(command: Resolve, key: str, done_refusal: Refusal | None) -> Refusal | None:
    """What is wrong with an operator's word on the effect of this key; `done_refusal` is why it was not done."""
    if command.key != key:
        return wrongly("key", f"What is not known is {key}; say that key, so that nothing else is resolved.")
    if command.done is None:
        return wrongly("done", "Say whether it was done: true or false.")
    if done_refusal is not None:
        return done_refusal
    for name, most in (("by", BY_MAX), ("evidence", EVIDENCE_MAX)):
        text = str(getattr(command, name)).strip()
        if not text:
            return wrongly(name, f"Say {WORDS[name]}.")
        if len(text) > most:
            return wrongly(name, f"{name} can have at most {most} characters.")
    if len(command.regardless) > EVIDENCE_MAX:
        return wrongly("regardless", f"regardless can have at most {EVIDENCE_MAX} characters.")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayable:
    """Whether an operator can say that an effect was `done`, or that it was not: None, or why that cannot be said."""

    done: str | None
    not_done: str | None
    needs_reference: bool
    """Whether a yes names the gateway's own reference."""


def can_be_said(effect: Effect) -> Sayable:
    """What of an effect that nobody knows how it ended."""
    never = _unresolvable(effect)
    if never is not None:
        return Sayable(done=never.message, not_done=never.message, needs_reference=False)
    named = _done_refusal(Resolve(done=True, reference="it"), effect)
    return Sayable(
        done=named.message if named else None,
        not_done=None,
        needs_reference=named is None and _done_refusal(Resolve(done=True), effect) is not None,
    )


def _unresolvable(effect: Effect) -> Refusal | None:
    if not asked_of_a_gateway(effect):
        return wrongly("key", "This is asked of our own records, which will answer.")
    if isinstance(effect, AskSettlement):
        return wrongly("key", "This only asks how a payment has ended: nothing is done by it, and it is asked again.")
    return None


def _done_refusal(command: Resolve, effect: Effect) -> Refusal | None:
    if isinstance(effect, Authorize) and _shows_first(effect):
        text = (
            f"A payment by {effect.method_type} is not done before its buyer has been shown how to pay, which only its "
            "gateway can say. Nobody has seen it, so nobody will pay it: say that it was not done."
        )
        return wrongly("done", text)
    if isinstance(effect, Authorize) and not command.reference:
        text = "Say the gateway's reference for the authorization: what is captured or given back is asked by it."
        return wrongly("reference", text)
    if isinstance(effect, Modification) and not command.reference:
        text = f"Say the gateway's reference for the {effect.operation}: it may still tell how that ended, by it."
        return wrongly("reference", text)
    return None


def _shows_first(effect: Authorize) -> bool:
    """Whether a yes is not what a gateway says first: the buyer has to see a page, or what to pay by."""
    match TYPES[effect.method_type].family:
        case Family.VOUCHER | Family.CODE:
            return True
        case Family.REDIRECT:
            return not (effect.authentication or effect.off_session)
        case Family.CARD | Family.IMMEDIATE | Family.DEBIT | Family.TRANSFER:
            return False


WORDS = {"by": "who you are", "evidence": "what this rests on: a settlement file, a ticket at the gateway's support"}


def _outcome(command: Resolve, effect: Effect) -> Outcome:
    if not command.done:
        return Declined(decline_code=NOT_DONE)
    if isinstance(effect, Authorize) and TYPES[effect.method_type].delayed:
        # It was taken on; how its bank answers is asked in due time, as always.
        return Accepted(reference=command.reference)
    if isinstance(effect, Authorize):
        return Approved(authorization=command.reference)
    return Approved(authorization=getattr(effect, "authorization", ""))


def resolution_of(command: Resolve, effect: Effect | SetUp, now: int) -> Resolution:
    """What is kept of an operator's word, which was found to be whole."""
    return Resolution(
        key=command.key,
        operation=effect.operation,
        done=command.done is True,
        reference=command.reference,
        by=command.by.strip(),
        evidence=command.evidence.strip(),
        at=now,
        regardless=command.regardless.strip(),
    )


def cannot_resolve(state: PaymentIntent) -> Refusal:
    """Why nobody's word is needed in such a state."""
    effect = unresolved(state)
    return (_unresolvable(effect) if effect else None) or nothing()


def nothing() -> Refusal:
    """Nothing is unknown of it, or not any more."""
    return Refusal(
        code=wording.UNEXPECTED_STATE, message="It is known what became of everything that was asked for this."
    )


def wrongly(param: str, message: str) -> Refusal:
    """An operator's word is not whole, or about something else."""
    return Refusal(code=wording.INVALID_PARAMETER, message=message, param=param)
