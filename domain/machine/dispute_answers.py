"""Answering a dispute: what its merchant may say, what the gateway is told, and what its answer and the time mean.

What is staged is a fact of ours; what is submitted, or conceded, is asked of the gateway, once each.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, assert_never

from domain.identifiers import gateway_key
from domain.model.commands import CloseDispute, ExpireDispute, UpdateDispute
from domain.model.disputes import INQUIRY_CLOSED, INQUIRY_UNDER_REVIEW, LOST, UNDER_REVIEW, Dispute
from domain.model.events import DisputeMoved, Event, PaymentError
from domain.model.outcomes import (
    Accepted,
    AnswerDispute,
    Approved,
    AuthenticationRequired,
    Declined,
    FundsKnown,
    Outcome,
    PaymentAwaited,
    VerificationRequired,
)
from domain.model.payment_intent import PaymentIntent, dispute_clock, held_charge
from domain.model.wording import UNEXPECTED_STATE, busy
from domain.refusals import InvariantViolation, Refusal

EVIDENCE_CHARACTERS_MAX = 150_000
"""Of all texts together. docs.stripe.com/api/disputes/update, `evidence`."""

TOLD = ("charge.dispute.updated", "charge.updated")
CLOSED = ("charge.dispute.closed", "charge.updated")
"""What is told of what a merchant does about a dispute, as live Stripe does."""

CHANGEABLE = frozenset({"evidence", "metadata", "intended_submission_method"})


def closed() -> Refusal:
    """Nothing can be done about it any more. As live Stripe says it."""
    return Refusal(message="This dispute is already closed")


def unknown() -> Refusal:
    """The payment has no such dispute, or the gateway has only told of it."""
    text = "This dispute cannot be answered here: the gateway that told of it takes no evidence."
    return Refusal(code=UNEXPECTED_STATE, message=text)


def cannot_answer(state: PaymentIntent) -> Refusal:
    """Nothing is disputed; or not now, while it is not known what becomes of the rest of what was held."""
    known = _answerable(state, "")
    return known if isinstance(known, Refusal) else busy()


def updated(state: PaymentIntent, command: UpdateDispute) -> tuple[Event, None] | tuple[None, AnswerDispute] | Refusal:
    """A fact, where something is only staged; or what to ask of the gateway."""
    known = _answerable(state, command.dispute)
    if isinstance(known, Refusal):
        return known
    changed = _changed(known, command.changes, rules=state.rules)
    if isinstance(changed, Refusal):
        return changed
    if "evidence" in command.changes and command.submit:
        return None, _answer(state, changed, accept=False)
    told = TOLD if "evidence" in command.changes else TOLD[:1]
    return DisputeMoved(changed, told if changed != known else ()), None


def conceded(state: PaymentIntent, command: CloseDispute) -> AnswerDispute | Refusal:
    """The merchant does not contest it."""
    known = _answerable(state, command.dispute)
    return known if isinstance(known, Refusal) else _answer(state, known, accept=True)


def expired(state: PaymentIntent, command: ExpireDispute, now: int) -> Event | Refusal:
    """Nobody has answered in time: what was withdrawn is lost, and of what was only asked nothing comes."""
    del command
    known = state.dispute
    clock = dispute_clock(state)
    if known is None or clock is None or now < clock:
        text = "There is no dispute of this PaymentIntent whose time is up."
        return Refusal(code=UNEXPECTED_STATE, message=text)
    return DisputeMoved(replace(known, status=_ended(known)), ("charge.dispute.closed",))


def answered(
    state: PaymentIntent, effect: AnswerDispute, outcome: Outcome
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """What the gateway says to it. A no leaves what was said staged."""
    known = state.dispute
    if known is None:
        raise InvariantViolation("a dispute was answered that is not there")
    said = replace(_with(known, effect), answers=known.answers + 1)
    match outcome:
        case Approved() if effect.accept:
            return (DisputeMoved(replace(said, status=_ended(said)), CLOSED),), None
        case Approved():
            status = INQUIRY_UNDER_REVIEW if known.inquiry else UNDER_REVIEW
            return (DisputeMoved(replace(said, status=status, submissions=said.submissions + 1), TOLD),), None
        case Declined():
            return (DisputeMoved(said, () if effect.accept else TOLD),), _not_taken()
        case Accepted() | AuthenticationRequired() | VerificationRequired() | PaymentAwaited() | FundsKnown():
            raise InvariantViolation(f"{outcome.type} does not answer {effect.operation}")
        case _ as never:
            assert_never(never)


def _not_taken() -> PaymentError:
    return PaymentError(
        type="invalid_request_error",
        code=UNEXPECTED_STATE,
        message="The bank does not take an answer to this dispute any more.",
    )


def _ended(dispute: Dispute) -> str:
    return INQUIRY_CLOSED if dispute.inquiry else LOST


def _answerable(state: PaymentIntent, id_: str) -> Dispute | Refusal:
    known = state.dispute
    if known is None or not known.reference or id_ not in ("", known.id):
        return unknown()
    return known if known.answerable else closed()


def _answer(state: PaymentIntent, dispute: Dispute, *, accept: bool) -> AnswerDispute:
    return AnswerDispute(
        key=gateway_key(state.id, state.attempts, "dispute", dispute.answers + 1),
        dispute=dispute.reference,
        accept=accept,
        evidence=dispute.evidence,
        metadata=dispute.metadata,
        intended_submission_method=dispute.intended_submission_method,
        charge=held_charge(state).id,
        currency=dispute.currency,
        intent=state.id,
        gateway=held_charge(state).gateway,
        patience=held_charge(state).patience,
        prefilled=dispute.prefilled,
    )


def _with(dispute: Dispute, effect: AnswerDispute) -> Dispute:
    return replace(
        dispute,
        evidence=effect.evidence,
        metadata=effect.metadata,
        intended_submission_method=effect.intended_submission_method,
        prefilled=effect.prefilled,
    )


def _changed(dispute: Dispute, changes: Mapping[str, Any], *, rules: int) -> Dispute | Refusal:
    unreadable = next((name for name, value in changes.items() if not _readable(name, value, rules)), None)
    if unreadable is not None:
        shown = unreadable[:100]
        return Refusal(message=f"Invalid {shown}: it is none, or what it holds is not of the right type.", param=shown)
    said = changes.get("evidence") or {}
    evidence = _merged(dispute.evidence, said)
    if _characters(evidence) > EVIDENCE_CHARACTERS_MAX:
        text = f"The combined character count of all evidence fields must not exceed {EVIDENCE_CHARACTERS_MAX:,}."
        return Refusal(message=text, param="evidence")
    metadata = changes.get("metadata", {})
    kept = {} if metadata is None else {**dispute.metadata, **metadata}
    return replace(
        dispute,
        evidence=evidence,
        # What the merchant says of the same replaces it, were it that there is nothing to say.
        prefilled={name: text for name, text in dispute.prefilled.items() if name not in said},
        metadata={key: text for key, text in kept.items() if text is not None},
        intended_submission_method=changes.get("intended_submission_method", dispute.intended_submission_method),
    )


def _readable(name: str, value: Any, rules: int) -> bool:
    if name not in CHANGEABLE:
        return False
    if name == "intended_submission_method":
        return isinstance(value, str)
    if name == "metadata":
        return value is None or (isinstance(value, dict) and all(isinstance(one, str | None) for one in value.values()))
    return isinstance(value, dict) and (rules < 2 or _words(value))


def _words(value: Any) -> bool:
    """Whether evidence is made of texts, ids and yes or no, however deep: a bank reads nothing else."""
    match value:
        case dict():
            return all(isinstance(name, str) and _words(inner) for name, inner in value.items())
        case list() | tuple():
            return all(_words(inner) for inner in value)
        case _:
            return isinstance(value, str | bool | None)


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Leaf by leaf; None takes one away, and a hash of which nothing is left goes as well."""
    merged = dict(before)
    for name, value in changes.items():
        was = merged.get(name)
        now = _merged(was if isinstance(was, dict) else {}, value) or None if isinstance(value, dict) else value
        merged[name] = now
    return {name: value for name, value in merged.items() if value is not None}


def _characters(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_characters(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return sum(_characters(inner) for inner in value)
    return len(value) if isinstance(value, str) else 0
