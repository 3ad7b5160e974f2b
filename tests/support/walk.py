"""Every life a PaymentIntent can have: all commands in all states that are reached, with all answers that may come.

States are walked breadth first, one for each `kind_of` state: what is left out of that (amounts, texts, ids) must not
decide where an intent may go.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from domain.machine.decisions import ATTEMPTS_MAX, Decision, decide
from domain.machine.sharing import is_returnable
from domain.machine.transitions import Transition, carry_out, leave_unknown, make_known
from domain.methods.families import TYPES, Family
from domain.methods.vouchers import PAID
from domain.model.charges import DAY_SECONDS
from domain.model.commands import (
    ApplyCustomerBalance,
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    CloseDispute,
    Command,
    Confirm,
    ExpireAction,
    ExpireAuthorization,
    ExpireDispute,
    IncrementAuthorization,
    ModificationResult,
    RefundCharge,
    RefundResult,
    ReportDispute,
    Update,
    UpdateDispute,
    VerifyMicrodeposits,
)
from domain.model.gateways import AT_FIRST
from domain.model.outcomes import (
    Accepted,
    AnswerDispute,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    Declined,
    Effect,
    FundsKnown,
    MoveFunds,
    Outcome,
    PaymentAwaited,
    Refund,
    RequestFunds,
    VerificationRequired,
)
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.payment_methods import PaymentMethod
from domain.model.refunds import ChargeRefund
from domain.model.resolutions import Resolve
from domain.model.shares import ReturnShare, is_shared
from tests.support.builders import CONSENT, NOW, make_intent, make_method

YES = Approved(authorization="auth_1")
NO = Declined(decline_code="generic_decline")
TAKEN_ON = Accepted(reference="ref_1")
PROMISED = Accepted(reference="mod_1", ask_after_seconds=60)
CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")
SHOWN = PaymentAwaited(reference="ref_1", url="https://pay.example", expires_at=NOW + 30 * DAY_SECONDS)
CENTURY = 100 * 365 * DAY_SECONDS
"""Every timer is due by then."""

BY_THE_CLOCK = (CheckSettlement, ExpireAuthorization, ExpireAction, ExpireDispute)
"""Commands that time sends."""


KINDS_MAX = 8_000


@dataclass(frozen=True, slots=True)
class Step:
    """One transition, and what brought it about: a command, or (None) the answer to `effect` that had been unknown."""

    transition: Transition
    command: Command | None
    effect: Effect | None


def methods() -> dict[str, PaymentMethod]:
    """One of each family that behaves in its own way."""
    types = ("ideal", "sepa_debit", "us_bank_account", "sofort", "boleto", "cashapp", "customer_balance", "link")
    made = {type_: make_method(type=type_, card=None, id=f"pm_{type_}") for type_ in types}
    return made | {"card": make_method(id="pm_card")}


METHODS = methods()
CURRENCY = {"ideal": "eur", "sepa_debit": "eur", "sofort": "eur", "boleto": "brl"}
TRANSFER = {"funding_type": "bank_transfer", "bank_transfer": {"type": "us_bank_transfer"}}
OPTIONS = {
    "card": {
        "request_multicapture": "if_available",
        "request_incremental_authorization": "if_available",
        "request_overcapture": "if_available",
    },
    "customer_balance": TRANSFER,
}


def beginnings() -> Iterator[PaymentIntent]:
    """New intents, one for each way to be paid: by each family, taken at once or held, confirmed here or there."""
    for currency, capture, confirmation in (
        ("usd", "automatic", "automatic"), ("usd", "manual", "automatic"), ("usd", "automatic", "manual"),
        ("eur", "automatic", "automatic"), ("brl", "automatic", "automatic"),
    ):  # fmt: skip
        types = tuple(type_ for type_ in METHODS if CURRENCY.get(type_, "usd") == currency)
        yield make_intent(
            amount=5_000, currency=currency, customer="cus_1", payment_method_types=types, capture_method=capture,
            payment_method_options=OPTIONS, confirmation_method=confirmation, mandate_data=CONSENT,
        )  # fmt: skip
    # Others get shares of these: a platform of what it makes for another, and whom a platform makes it for.
    shared = {"payment_method_types": ("card",), "amount": 5_000, "application_fee_amount": 500}
    yield make_intent(**shared, platform="acct_platform")
    parts = {"card": {"request_multicapture": "if_available"}}
    yield make_intent(**shared, platform="acct_platform", capture_method="manual", payment_method_options=parts)
    yield make_intent(**shared, beneficiary="acct_other", transfer_data={"destination": "acct_other"})
    worn = {"payment_method_types": ("card", "cashapp"), "attempts": ATTEMPTS_MAX - 1}
    yield from (make_intent(**worn), make_intent(**{**worn, "attempts": ATTEMPTS_MAX}))


def commands(state: PaymentIntent) -> Iterator[Command]:
    """Every command, in every way that leads elsewhere."""
    yield Update(changes={"description": "d"})
    yield Update(changes={"amount": 4_000})
    yield Confirm(return_url="https://shop.example")
    yield Confirm(return_url="https://shop.example", off_session=True)
    yield Confirm(return_url="https://shop.example", error_on_requires_action=True)
    # A route by which the same card may be tried again, at the gateway of the same name.
    again = Confirm(return_url="https://shop.example", route=(AT_FIRST, AT_FIRST))
    yield again
    yield replace(again, payment_method=METHODS["card"])
    for type_ in state.payment_method_types:
        yield Update(payment_method=METHODS[type_])
        yield Confirm(return_url="https://shop.example", payment_method=METHODS[type_])
    yield Capture()
    yield Capture(amount_to_capture=1_000)
    yield Capture(amount_to_capture=1_000, final_capture=False)
    yield Capture(amount_to_capture=0)
    yield IncrementAuthorization(amount=9_000)
    yield Cancel()
    yield AuthenticationResult(authentication=state.authentication or "", authenticated=True)
    yield AuthenticationResult(authentication=state.authentication or "", authenticated=False)
    yield VerifyMicrodeposits(amounts=(32, 45))
    yield ApplyCustomerBalance()
    yield ApplyCustomerBalance(amount=100)
    yield ApplyCustomerBalance(payment_method=METHODS["customer_balance"])
    yield ApplyCustomerBalance(amount=100, payment_method=METHODS["customer_balance"])
    yield RefundCharge()
    yield RefundCharge(amount=100)
    yield RefundCharge(amount=100, instructions_email="jenny@example.com")
    yield from _about_shares(state)
    yield from _about_disputes(state)
    for refund in _standing(state):
        yield RefundResult(refund=refund, succeeded=True)
        yield RefundResult(refund=refund, succeeded=False)
        yield RefundResult(refund=refund, status="pending")
        yield RefundResult(refund=refund, status="canceled")
    yield from _news(state)
    yield from (CheckSettlement(), ExpireAuthorization(), ExpireAction(), ExpireDispute())


def _about_shares(state: PaymentIntent) -> Iterator[Command]:
    if state.charge is None or not is_shared(state.charge):
        return
    yield RefundCharge(amount=100, refund_application_fee=True, reverse_transfer=True)
    for share in ("fee", "transfer"):
        yield ReturnShare(share=share)
        yield ReturnShare(share=share, amount=10, refund_application_fee=True)


def _about_disputes(state: PaymentIntent) -> Iterator[Command]:
    charge = state.charge.id if state.charge else ""
    yield ReportDispute(charge=charge)
    for status in ("needs_response", "warning_needs_response", "warning_closed", "won", "lost"):
        yield ReportDispute(charge=charge, status=status, reference="dsp_1")
    yield UpdateDispute(changes={"evidence": {"uncategorized_text": "t"}})
    yield UpdateDispute(changes={"evidence": {"uncategorized_text": "t"}}, submit=False)
    yield UpdateDispute(changes={"metadata": {"k": "v"}})
    yield CloseDispute()


def _news(state: PaymentIntent) -> Iterator[Command]:
    """What a gateway may tell of something that it had taken on, and of what nobody has asked for."""
    asked: Any = state.accepted.effect if state.accepted else state.pending
    if asked is not None:
        for done in (True, False):
            yield Resolve(key=asked.key, done=done, reference="auth_1", by="operator", evidence="settlement file")
    charge = getattr(asked, "charge", "") or (state.charge.id if state.charge else "")
    if state.charge is not None and state.charge.dispute:
        # What fails after all is the same with a dispute; told apart, there would be twice as many kinds.
        return
    for operation in ("capture", "void", "increment", "expiry"):
        for reference, succeeded in (("mod_1", True), ("mod_1", False), ("mod_2", True), ("mod_2", False)):
            yield ModificationResult(charge=charge, operation=operation, reference=reference, succeeded=succeeded)


def _standing(state: PaymentIntent) -> Iterator[ChargeRefund]:
    for id_, amount in (state.charge.refunds_given if state.charge else {}).items():
        yield ChargeRefund(
            id=id_, charge=held_charge(state).id, payment_intent=state.id, payment_method="pm", created=NOW,
            amount=amount, currency=state.currency,
        )  # fmt: skip


def answers(state: PaymentIntent, effect: Effect) -> Iterable[Outcome]:
    """What may come of an effect, each kind of answer once."""
    match effect:
        case Authorize():
            return _to_an_attempt(effect)
        case RequestFunds(applying=int() as amount):
            return [FundsKnown(applied=amount), NO]
        case RequestFunds():
            funds = [FundsKnown(applied=n) for n in (0, 100, effect.amount)]
            return [*funds, NO, *_overtaken(effect.supersedes is not None)]
        case MoveFunds():
            applied = {0, state.funded, min(state.funded + 100, state.amount), state.amount}
            funds = [FundsKnown(applied=0 if effect.operation == "release_funds" else n) for n in sorted(applied)]
            return funds if effect.operation == "ask_funds" else [*funds, NO]
        case AskSettlement():
            return [YES, NO, Declined(decline_code="expired"), TAKEN_ON]
        case Refund():
            return [YES, NO, TAKEN_ON]
        case AnswerDispute():
            return [YES, NO]
        case _:
            return [YES, NO, PROMISED]


def _to_an_attempt(effect: Authorize) -> Iterable[Outcome]:
    family, type_ = TYPES[effect.method_type].family, TYPES[effect.method_type]
    also: list[Outcome] = _overtaken(effect.supersedes is not None)
    if type_.delayed:
        also.append(TAKEN_ON)
    if family in (Family.CARD, Family.REDIRECT):
        also.append(CHALLENGE)
    if family in (Family.VOUCHER, Family.CODE):
        also.append(SHOWN)
    if type_.microdeposits and effect.verification is None:
        kinds = ("amounts", "descriptor_code")
        asked = VerificationRequired(
            verification="ver_1", microdeposit_type="", arrival_date=NOW, url="https://v.example"
        )
        also += [replace(asked, microdeposit_type=kind) for kind in kinds]
    if effect.verification is not None:
        also += [Declined(decline_code=f"microdeposits_{why}") for why in ("mismatch", "exceeded", "timeout", "failed")]
    return [YES, NO, *also]


def _overtaken(possible: bool) -> list[Outcome]:
    return [Declined(decline_code=PAID)] if possible else []


def steps_from(state: PaymentIntent, now: int) -> Iterator[Step]:
    """All that can happen next."""
    if state.pending is not None:
        for outcome in answers(state, state.pending):
            yield Step(make_known(state, state.pending, outcome, now), None, state.pending)
    for command in commands(state):
        at = now + CENTURY if isinstance(command, BY_THE_CLOCK) else now
        decision = decide(state, command, at)
        if not isinstance(decision, Decision):
            continue
        if decision.effect is None:
            yield Step(carry_out(state, command, decision, None, at), command, None)
            continue
        yield Step(leave_unknown(state, command, decision, decision.effect, at), command, decision.effect)
        for outcome in answers(state, decision.effect):
            yield Step(carry_out(state, command, decision, outcome, at), command, decision.effect)


def kind_of(state: PaymentIntent) -> tuple[Any, ...]:
    """What may decide where an intent can go."""
    method = state.payment_method
    return (
        state.status, state.currency, state.capture_method, state.confirmation_method, method and method.type,
        state.attempts >= ATTEMPTS_MAX, bool(state.funded), state.amount, *_asked(state), *_charged(state),
    )  # fmt: skip


def _asked(state: PaymentIntent) -> tuple[Any, ...]:
    action, pending = state.next_action, state.pending
    taken_on = state.accepted.effect if state.accepted else None
    details = ("verification", "supersedes", "final", "expired", "amends", "applying")
    return (
        action and (action.type, action.outstanding, action.microdeposit_type, min(action.tries, 3)),
        pending and (pending.operation, *(bool(getattr(pending, name, None)) for name in details)),
        taken_on and (taken_on.operation, *(bool(getattr(taken_on, name, None)) for name in details)),
    )


def _charged(state: PaymentIntent) -> tuple[Any, ...]:
    charge = state.charge
    if charge is None:
        return ()
    return (
        charge.status, charge.captured, charge.voided, bool(charge.captures), bool(charge.capturable),
        bool(charge.amount_refunded), charge.amount_refunded == charge.amount_captured, bool(charge.refunds_given),
        bool(charge.dispute), state.dispute and (state.dispute.status, bool(state.dispute.reference)),
        bool(charge.settlement_checks), bool(charge.capture_failed), charge.platform, charge.beneficiary,
        is_returnable(charge),
    )  # fmt: skip


def walk() -> Iterator[Step]:
    """Every step from every kind of state that is reached."""
    waiting = deque(beginnings())
    seen = {kind_of(state) for state in waiting}
    while waiting:
        for step in steps_from(waiting.popleft(), NOW):
            yield step
            after = replace(step.transition.after, ledger=())
            if kind_of(after) not in seen:
                seen.add(kind_of(after))
                assert len(seen) <= KINDS_MAX, "the kinds are told apart by something that has no end"
                waiting.append(after)
