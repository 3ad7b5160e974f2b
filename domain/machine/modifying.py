"""How facts about modifications change a PaymentIntent: a part of `evolve` (evolution.py). Pure."""

from typing import assert_never

from domain.copies import replace
from domain.model.modification_events import (
    ModificationAccepted,
    ModificationEvent,
    ModificationFound,
    ModificationKnown,
    ModificationNamed,
    ModificationQuestioned,
    ModificationTurned,
)
from domain.model.modifications import EndedModification, kept, of_a_hold
from domain.model.outcomes import CaptureHold, Effect, Increment, Void
from domain.model.payment_intent import PaymentIntent, held_charge, outstanding, pending_charge
from domain.model.statuses import Status
from domain.refusals import InvariantViolation


def before_unknown(state: PaymentIntent) -> Status:
    """Where the intent was when it had to wait for the gateway's word."""
    if state.charge is not None and state.charge.capturable > 0:
        return Status.REQUIRES_CAPTURE
    if pending_charge(state):
        return Status.PROCESSING
    return Status.REQUIRES_ACTION if state.next_action else Status.REQUIRES_CONFIRMATION


def modify(state: PaymentIntent, event: ModificationEvent) -> PaymentIntent:
    """What the gateway has taken on makes the intent `processing`, and no unknown outcome."""
    match event:
        case ModificationAccepted(accepted):
            # What a buyer could still pay with is shown again if it could not be called back.
            shown = state.next_action if isinstance(accepted.effect, Void) and outstanding(state) else None
            return replace(state, status=Status.PROCESSING, accepted=accepted, next_action=shown)
        case ModificationKnown(reference, taken, refused):
            waited = state.accepted.effect if state.accepted else state.pending
            known = _remembering(state, waited, reference, taken, refused=refused)
            known = replace(known, accepted=None, pending=None, asked_at=None, promised="")
            return replace(known, status=before_unknown(known))
        case ModificationQuestioned():
            if state.accepted is None:
                raise InvariantViolation("a modification was asked about, and none was taken on")
            effect, at = state.accepted.effect, state.accepted.at
            # By the rules before the second, what was asked about had no name any more.
            reference = state.accepted.reference if state.rules > 1 else ""
            return replace(state, accepted=None, pending=effect, asked_at=at, promised=reference)
        case ModificationFound(taken, refused):
            return _remembering(state, state.pending, state.promised, taken, refused=refused)
        case ModificationNamed(key, reference, taken):
            return _named(state, key, reference, taken)
        case ModificationTurned(key):
            return _turned(state, key)
        case _ as never:
            assert_never(never)


def _remembering(
    state: PaymentIntent, effect: Effect | None, reference: str, taken: int, *, refused: bool
) -> PaymentIntent:
    """What has ended by its gateway's reference; and itself, as long as more may be told of it."""
    charge, of_hold = state.charge, of_a_hold(effect)
    if charge is not None and reference:
        state = replace(state, charge=replace(charge, modifications={**charge.modifications, reference: taken}))
    if of_hold is None or (reference and not refused):
        return state
    by_word = bool(state.resolutions) and state.resolutions[-1].key == of_hold.key
    ended = EndedModification(effect=of_hold, reference=reference, refused=refused, by_word=by_word)
    return replace(state, ended_modifications=kept(state.ended_modifications, ended))


def _named(state: PaymentIntent, key: str, reference: str, taken: int) -> PaymentIntent:
    """Of what was done nothing is awaited any more; what was refused may still turn out to have been done."""
    charge = held_charge(state)
    ended = tuple(
        replace(one, reference=reference) if one.effect.key == key else one
        for one in state.ended_modifications
        if one.refused or one.effect.key != key
    )
    named = replace(charge, modifications={**charge.modifications, reference: taken})
    return replace(state, charge=named, ended_modifications=ended)


def _turned(state: PaymentIntent, key: str) -> PaymentIntent:
    """It does not count as refused any more, and is as if it had not been."""
    effect = next(one.effect for one in state.ended_modifications if one.effect.key == key)
    left = tuple(one for one in state.ended_modifications if one.effect.key != key)
    state = replace(state, ended_modifications=left)
    match effect:
        case CaptureHold():
            return replace(state, declined_captures=state.declined_captures - 1)
        case Increment():
            return replace(state, increments=state.increments - 1)
        case Void():
            kept_until = replace(held_charge(state), release_at=None)
            return replace(state, declined_releases=state.declined_releases - 1, charge=kept_until)
        case _ as never:
            assert_never(never)
