"""What a gateway has taken on and answers later: what its news mean, and what is done when there are none. Pure.

News come doubled, in any order, before the answer that they are about, or never. Each is about the one thing that is
awaited, by the gateway's reference; what is known already changes nothing. How it has ended follows from what was told
and looked up, and not from what came first: what was ever done is done, and a capture that was ever refused as well has
failed after all. That moves no status: the payment has succeeded, its money has gone, and that is a fact, an event and
a booking of its own.
"""

from domain.machine import holds, sharing
from domain.machine.conclusions import conclude
from domain.machine.evolution import evolve
from domain.model import wording
from domain.model.commands import ModificationResult
from domain.model.events import CaptureFailed, Event, ResolutionContradicted
from domain.model.gateways import FIRST
from domain.model.modification_events import (
    ModificationKnown,
    ModificationNamed,
    ModificationQuestioned,
    ModificationTurned,
)
from domain.model.modifications import EndedModification
from domain.model.outcomes import Approved, CaptureHold, Declined, Increment, Modification, Outcome, Void
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from domain.money import declines
from domain.refusals import Refusal

CAPTURE, EXPIRY = "capture", "expiry"


def reported(state: PaymentIntent, command: ModificationResult, now: int) -> tuple[Event, ...] | Refusal:
    """The facts that the gateway's news are; none, if they are known."""
    told = _reported(state, command, now)
    if isinstance(told, Refusal):
        return told
    denied = contradicted(state, command)
    told = sharing.by_failure(state, told)
    return (denied, *told) if denied else told


def _reported(state: PaymentIntent, command: ModificationResult, now: int) -> tuple[Event, ...] | Refusal:
    charge = state.charge
    awaited = _awaited(state, command)
    if awaited is not None:
        done, code = _was_done(command), command.decline_code
        known = concluded(state, awaited, command.reference, now, succeeded=done, decline_code=code)
        return (*known, *_failure(awaited, command)) if done and not command.succeeded else known
    if charge is None or not _about(command, charge.id, charge.gateway):
        return wording.unknown_modification()
    ended = _ended(state, command)
    if ended is not None:
        return _told_of(state, command, ended, now)
    known_as = charge.modifications.get(command.reference) if command.reference else None
    if command.operation == CAPTURE and not command.succeeded and known_as != 0:
        return _failed_late(state, command, known_as)
    if known_as is not None:
        return ()
    if command.operation == EXPIRY and state.accepted is None and state.pending is None and charge.capturable:
        return holds.lapse(state, now)
    return wording.unknown_modification()


def _about(command: ModificationResult, charge: str, gateway: str) -> bool:
    return charge == command.charge and (gateway or FIRST) == (command.gateway or FIRST)


def _was_done(command: ModificationResult) -> bool:
    return command.succeeded or (command.after_all and command.operation == CAPTURE)


def _concerns(command: ModificationResult, effect: Modification) -> bool:
    """Whether the news may be about it, whatever the gateway calls it."""
    amount = None if isinstance(effect, Void) else effect.amount
    fits = command.amount is None or amount in (None, command.amount)
    return fits and effect.operation == command.operation and _about(command, effect.charge, effect.gateway)


def _awaited(state: PaymentIntent, command: ModificationResult) -> Modification | None:
    """What the news are about: what was taken on under their reference, or what was asked and nobody knows whether.

    Where something like it has ended before, and nobody has told its name, they may be about either. Then it is asked.
    """
    accepted, known = state.accepted, state.charge.modifications if state.charge else {}
    if accepted is not None:
        effect: object = accepted.effect if accepted.reference == command.reference else None
    elif state.promised:
        effect = state.pending if state.promised == command.reference else None
    else:
        strange = bool(command.reference) and command.reference not in known
        effect = state.pending if strange and not _nameless(state, command) else None
    if not isinstance(effect, CaptureHold | Void | Increment):
        return None
    return effect if _concerns(command, effect) else None


def _nameless(state: PaymentIntent, command: ModificationResult) -> list[EndedModification]:
    """What the news may be about of what has ended by its key; what ended as they say first."""
    found = [one for one in state.ended_modifications if not one.reference and _concerns(command, one.effect)]
    return sorted(found, key=lambda one: one.refused == _was_done(command))


def _ended(state: PaymentIntent, command: ModificationResult) -> EndedModification | None:
    """What has ended, and the news are about; None if there is nothing of which they are news."""
    if not command.reference:
        return None
    for one in state.ended_modifications:
        if one.reference == command.reference and _concerns(command, one.effect):
            return one
    known = state.charge is not None and command.reference in state.charge.modifications
    found = [] if known else _nameless(state, command)
    pending = state.pending
    if found and isinstance(pending, CaptureHold | Void | Increment) and not state.promised:
        # They may be about what is asked at the moment, too: once that is known, they can be about one alone.
        return None if _concerns(command, pending) else found[0]
    return found[0] if found else None


def _told_of(
    state: PaymentIntent, command: ModificationResult, ended: EndedModification, now: int
) -> tuple[Event, ...] | Refusal:
    """The news are about what was believed to have ended."""
    effect, done = ended.effect, _was_done(command)
    if ended.refused and done:
        return _turned(state, command, ended, now)
    taken = effect.amount if isinstance(effect, CaptureHold) and not ended.refused else 0
    named = () if ended.reference else (ModificationNamed(effect.key, command.reference, taken),)
    return named if ended.refused or command.succeeded else (*named, *_failure(effect, command))


def _turned(
    state: PaymentIntent, command: ModificationResult, ended: EndedModification, now: int
) -> tuple[Event, ...] | Refusal:
    """It was done, although a no was heard first. So its money had come, and has gone: that was the no."""
    charge, effect = state.charge, ended.effect
    if charge is None or state.status is not Status.REQUIRES_CAPTURE or state.pending or state.accepted:
        # Either it is told again when nothing is under way, or something else has been done with what was held.
        return wording.unknown_modification()
    if isinstance(effect, CaptureHold) and effect.amount > charge.maximum_capturable:
        return wording.unknown_modification()
    if isinstance(effect, Increment) and (charge.captures or effect.amount <= charge.amount):
        return wording.unknown_modification()
    turned = ModificationTurned(effect.key)
    before = evolve(state, (turned,), check_table=False)
    done = concluded(before, effect, command.reference, now, succeeded=True, decline_code=command.decline_code)
    # What an operator has said was no news of a failure.
    failed = _failure(effect, command) if command.after_all or not ended.by_word else ()
    return turned, *done, *failed


def concluded(
    state: PaymentIntent, effect: Modification, reference: str, now: int, *, succeeded: bool, decline_code: str
) -> tuple[Event, ...]:
    """The facts, once it is known how what was taken on under `reference` has ended."""
    taken = effect.amount if isinstance(effect, CaptureHold) and succeeded else 0
    known = ModificationKnown(reference, taken, refused=not succeeded)
    outcome: Outcome = Declined(decline_code=decline_code)
    if succeeded:
        outcome = Approved(authorization=effect.authorization)
    conclusion = conclude(evolve(state, (known,), check_table=False), effect, outcome, now)
    return known, *conclusion.events


def _failure(effect: Modification, command: ModificationResult) -> tuple[Event, ...]:
    """What was taken does not come after all; nothing, of what takes nothing."""
    if not isinstance(effect, CaptureHold) or not effect.amount:
        return ()
    code = command.decline_code
    return (CaptureFailed(effect.amount, command.reference, declines.error_code(code), declines.message(code)),)


def _failed_late(state: PaymentIntent, command: ModificationResult, known: int | None) -> tuple[Event, ...] | Refusal:
    """The capture of this reference; or, where nobody was told its reference, of this much, or of all."""
    charge = state.charge
    if charge is None:
        return wording.unknown_modification()
    left = charge.amount_captured - charge.capture_failed
    if known is None and command.reference:
        # What goes by another name is not what this is about.
        left -= sum(charge.modifications.values())
    amount = known or command.amount or left
    if not 0 < amount <= left:
        return wording.unknown_modification()
    code = command.decline_code
    return (CaptureFailed(amount, command.reference, declines.error_code(code), declines.message(code)),)


def contradicted(state: PaymentIntent, command: ModificationResult) -> ResolutionContradicted | None:
    """The word of an operator that these news deny, and that none has denied before."""
    ended = _ended(state, command)
    keys = {ended.effect.key} if ended is not None and ended.by_word else set()
    for said in state.resolutions:
        named = bool(command.reference) and said.reference == command.reference and said.operation == command.operation
        if (named or said.key in keys) and said.done != command.succeeded and not said.contradicted:
            return ResolutionContradicted(said.key, said.operation, command.gateway or FIRST, command.reference)
    return None


def already_so(state: PaymentIntent, command: ModificationResult) -> bool | None:
    """Whether news that answer nothing say what is so already: that was found out by the key, and nobody told its name.

    False if they contradict what is known: then the gateway's book is not ours. None if what they are about may still
    come to be known. `state` is level with its record, where each modification is claimed before it is asked for.
    """
    charge = state.charge
    if not state.rules or state.pending is not None or state.accepted is not None or charge is None:
        return None
    if not _about(command, charge.id, charge.gateway):
        return None
    if contradicted(state, command) is not None:
        return False
    if not command.succeeded:
        # Nothing was done, or it was written down; but what was done is known, and is not this much.
        return not command.after_all
    match command.operation:
        case "capture":
            named = sum(charge.modifications.values())
            return charge.amount_captured - charge.capture_failed - named >= (command.amount or 1)
        case "increment":
            return state.increments > 0 and charge.amount >= (command.amount or 0)
        case _:
            return not charge.capturable


def questioned(state: PaymentIntent, now: int) -> tuple[Event, ...] | Refusal:
    """Nothing was heard until it was time to ask."""
    due = state.accepted.ask_at if state.accepted else None
    if due is None or now < due:
        return wording.nothing_to_settle(state)
    return (ModificationQuestioned(),)
