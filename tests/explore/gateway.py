"""The gateway, as a model: what it answers, and its own book, which is the truth about money.

What it promises, and where that comes from:
- The same key is the same operation: it has one effect and one outcome, also when another question comes under it; and
  it says which it was, and what stands (gateways/base.py; the contract suite of tests/gateways/contract.py runs on this
  model).
- A definite answer is final; no answer leaves open whether it acted, and it may act later still (DESIGN, "unknown
  outcome"; simulator/faults.py can lose an answer before and after committing).
- It captures at most what it holds and gives back at most what it took (the same contract suite).
- It approves what a buyer has authenticated without comparing the amount, as simulator/bank.py does; that the amount is
  the approved one is for us to see to, and for `invariants.py` to hold.
- What takes days (a debit) is accepted first, ends when its bank says so, and is told by a notification that can be
  early, late, doubled or lost and told again (clients.py sends it).
"""

from dataclasses import dataclass, replace

from domain.methods.families import TYPES, Family
from domain.model.outcomes import (
    Accepted,
    AnswerDispute,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Increment,
    Outcome,
    PaymentAwaited,
    Refund,
    SetUp,
    VerificationRequired,
    Void,
)
from gateways import base
from tests.explore.code import Question, Told
from tests.explore.values import Value, hashed_once, value

PLAIN, CHALLENGED, DECLINED, SLOW_TO_REFUND = "tok_plain", "tok_challenged", "tok_declined", "tok_slow_to_refund"
"""Tokens, by what becomes of them."""

DEPOSITED = (32, 45)
"""What is sent to an account that is to be proven."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One authorization. Amounts are minor units; `approved` is what the buyer said yes to.

    `delayed` says that somebody else ends it, and `settles` that they have not yet: a bank, or, where the buyer was
    `shown` how to pay, the buyer.
    """

    reference: str
    charge: str
    amount: int
    approved: int
    captured: int = 0
    refunded: int = 0
    released: bool = False
    delayed: bool = False
    settles: bool = False
    returned: bool = False
    refund_is_slow: bool = False
    currency: str = "usd"
    shown: bool = False

    @property
    def held(self) -> int:
        """What is still held, or on its way."""
        over = self.released or self.returned or (self.shown and self.settles)
        return 0 if over else self.amount - self.captured

    @property
    def awaited(self) -> int:
        """What a bank or a buyer may still pay."""
        return self.amount if self.settles and not (self.released or self.returned) else 0


@dataclass(frozen=True, slots=True)
class Challenge:
    """A buyer is asked who they are, for `amount`. `passed` is None until they have said."""

    reference: str
    charge: str
    amount: int
    passed: bool | None = None


@dataclass(frozen=True)
class Book:
    """All that the gateway knows."""

    standing: tuple[Standing, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    told: tuple[Told, ...] = ()

    __hash__ = hashed_once

    def find(self, reference: str) -> Standing | None:
        """The authorization of this reference."""
        return next((s for s in self.standing if s.reference == reference), None)

    def retrieve(self, key: str) -> Told | None:
        """What was asked and answered under the key; None if nothing ever was."""
        return next((told for told in self.told if told.key == key), None)

    def perform(self, effect: GatewayEffect) -> "tuple[Book, Told]":
        """Do it once, and answer; asked again under the same key, only answer."""
        known = self.retrieve(effect.key)
        if known is not None:
            return self, known
        book, outcome = self._do(effect)
        told = Told(effect.key, value(effect), outcome)
        return replace(book, told=(*book.told, told)), told

    def stands(self, reference: str) -> base.Standing | None:
        """What it says of an authorization."""
        found = self.find(reference)
        if found is None:
            return None
        left = 0 if found.delayed else found.amount - found.captured
        return base.Standing(
            authorization=reference,
            charge=found.charge,
            currency=found.currency,
            authorized=found.amount,
            held=0 if found.released else left,
            captured=found.captured,
            refunded=found.refunded,
            released=left if found.released else 0,
            awaited=found.awaited,
        )

    def ask(self, question: Question) -> "tuple[Book, Value]":
        """One request."""
        subject = question.subject.content
        match question.verb:
            case "perform":
                book, told = self.perform(subject)
                return book, value(told)
            case "look up":
                return self, value(self.retrieve(subject))
            case "tell what stands of":
                return self, value(self.stands(subject))
            case _:
                raise AssertionError(f"no request {question.verb}")

    def authenticated(self, reference: str, passed: bool) -> "Book":
        """The buyer has answered a challenge."""
        changed = tuple(replace(c, passed=passed) if c.reference == reference else c for c in self.challenges)
        return replace(self, challenges=changed)

    def settled(self, reference: str, paid: bool) -> "Book":
        """The bank has answered about a debit."""
        found = self.find(reference)
        if found is None or found.released or not found.settles:
            return self
        ended = replace(found, captured=found.amount, settles=False) if paid else replace(found, returned=True)
        return self._with(replace(ended, settles=False))

    def refund_failed(self, reference: str, amount: int) -> "Book":
        """A refund came back: its amount is the merchant's again."""
        found = self.find(reference)
        return self._with(replace(found, refunded=found.refunded - amount)) if found else self

    def _do(self, effect: GatewayEffect) -> "tuple[Book, Outcome]":
        if isinstance(effect, Authorize):
            return self._authorize(effect)
        if isinstance(effect, SetUp):
            return self._set_up(effect)
        if isinstance(effect, AnswerDispute):
            return self, Approved(authorization=effect.dispute)
        found = self.find(effect.authorization)
        if found is None:
            return self._withdraw(effect)
        changed = _move(found, effect)
        if changed is None:
            return self, Declined(decline_code="generic_decline")
        if isinstance(effect, AskSettlement):
            return self, _settlement(found)
        slow = isinstance(effect, Refund) and found.refund_is_slow
        answer = Accepted(reference=effect.key) if slow else Approved(authorization=found.reference)
        return self._with(changed), answer

    def _authorize(self, effect: Authorize) -> "tuple[Book, Outcome]":
        if effect.token.startswith(DECLINED):
            return self, Declined(decline_code="generic_decline")
        challenge = next((c for c in self.challenges if c.reference == effect.authentication), None)
        if effect.token.startswith(CHALLENGED) and challenge is None:
            asked = Challenge(f"authn_{effect.key}", effect.charge, effect.amount)
            required = AuthenticationRequired(authentication=asked.reference, url="https://bank.example")
            return replace(self, challenges=(*self.challenges, asked)), required
        if challenge is not None and not challenge.passed:
            return self, Declined(decline_code="authentication_not_handled")
        delayed = effect.method_type != "card"
        made = Standing(
            reference=f"auth_{effect.key}",
            charge=effect.charge,
            amount=effect.amount,
            approved=challenge.amount if challenge else effect.amount,
            captured=effect.amount if effect.capture and not delayed else 0,
            delayed=delayed,
            settles=delayed,
            refund_is_slow=effect.token.startswith(SLOW_TO_REFUND),
            currency=effect.currency,
        )
        answer: Outcome = Accepted(reference=made.reference) if delayed else Approved(authorization=made.reference)
        if TYPES[effect.method_type].family in (Family.VOUCHER, Family.CODE):
            made = replace(made, shown=True)
            answer = PaymentAwaited(reference=made.reference, url="https://pay.example")
        return replace(self, standing=(*self.standing, made)), answer

    def _set_up(self, effect: SetUp) -> "tuple[Book, Outcome]":
        """No money moves: its owner is asked, or deposits are proven, and then the method is good for later."""
        if effect.token.startswith(DECLINED):
            return self, Declined(decline_code="generic_decline")
        challenge = next((c for c in self.challenges if c.reference == effect.authentication), None)
        if effect.token.startswith(CHALLENGED) and challenge is None:
            asked = Challenge(f"authn_{effect.key}", effect.attempt, 0)
            required = AuthenticationRequired(authentication=asked.reference, url="https://bank.example")
            return replace(self, challenges=(*self.challenges, asked)), required
        if challenge is not None and not challenge.passed:
            return self, Declined(decline_code="authentication_not_handled")
        if TYPES[effect.method_type].microdeposits and effect.verification is None:
            sent = f"verif_{effect.key}"
            return self, VerificationRequired(
                verification=sent, microdeposit_type="amounts", arrival_date=0, url="https://pay.example"
            )
        if effect.verification is not None and effect.amounts != DEPOSITED:
            return self, Declined(decline_code="microdeposits_mismatch")
        return self, Approved(authorization=effect.attempt)

    def _withdraw(self, effect: GatewayEffect) -> "tuple[Book, Outcome]":
        """A challenge is withdrawn like a hold; nothing else is known under such a reference."""
        open_ = any(c.reference == getattr(effect, "authorization", "") and c.passed is None for c in self.challenges)
        if isinstance(effect, Void) and open_:
            return self.authenticated(effect.authorization, passed=False), Approved(authorization=effect.authorization)
        return self, Declined(decline_code="generic_decline")

    def _with(self, changed: Standing) -> "Book":
        return replace(self, standing=tuple(changed if s.reference == changed.reference else s for s in self.standing))


def _move(found: Standing, effect: GatewayEffect) -> Standing | None:
    """The authorization afterwards; None if that cannot be."""
    match effect:
        case CaptureHold() if not found.settles and 0 <= effect.amount <= found.held and found.held:
            return replace(found, captured=found.captured + effect.amount, released=effect.final)
        case Void() if found.held or found.awaited:
            return replace(found, released=True)
        case Increment() if found.held and effect.amount > found.amount:
            return replace(found, amount=effect.amount, approved=effect.amount)
        case Refund() if 0 < effect.amount <= found.captured - found.refunded:
            return replace(found, refunded=found.refunded + effect.amount)
        case AskSettlement():
            return found
        case _:
            return None


def _settlement(found: Standing) -> Outcome:
    if found.returned or found.released:
        return Declined(decline_code="insufficient_funds")
    return Accepted(reference=found.reference) if found.settles else Approved(authorization=found.reference)
