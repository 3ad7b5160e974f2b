"""Fakes to inject: a gateway that answers as told, a projection in memory, an engine without Temporal."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Generic

from activities.effects import Performer
from contracts.messages import CommandResult
from contracts.setup_messages import SetupResult
from domain.machine import fence
from domain.machine.decisions import decide
from domain.machine.fence import Answer, Recorded, Taken, UnderWay
from domain.machine.intents import S, T
from domain.machine.setups.transitions import SETUPS, SetupTransition
from domain.machine.transitions import Transition, carry_out
from domain.methods.card_numbers import CardInput
from domain.model.commands import Command
from domain.model.gateways import FIRST, GatewayProfile
from domain.model.outcomes import (
    Accepted,
    AnswerDispute,
    Approved,
    AskSettlement,
    Authorize,
    CaptureHold,
    Declined,
    FundsKnown,
    GatewayEffect,
    Increment,
    MoveFunds,
    Outcome,
    PaymentAwaited,
    Refund,
    RequestFunds,
    SetUp,
    Void,
)
from domain.model.payment_intent import PaymentIntent, ledger_entry
from domain.model.payment_methods import Card
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import TERMINAL
from domain.refusals import Refusal
from gateways.base import (
    BankTransfer,
    FundingInstructions,
    GatewayHeldBack,
    GatewayUnavailable,
    Standing,
    TokenizedAccount,
    TokenizedCard,
)
from gateways.questions import check_question, question
from gateways.registry import Gateways
from records.base import CashBalances, Projection, RecordsRefused, RecordsUnavailable, SetupRecords
from temporal.engine import ClockFixed, EngineUnavailable, PaymentStopped
from temporal.port import Reload
from temporal.refusals import CommandRefused

NOWHERE = {"city": "Test City", "country": "US", "line1": "1 Test Street", "line2": None, "postal_code": "0",
           "state": None}  # fmt: skip
ABA = {"account_holder_address": NOWHERE, "account_holder_name": "Merchant", "account_number": "1", "bank_name": "Bank",
       "account_type": "checking", "bank_address": NOWHERE, "routing_number": "110000000"}  # fmt: skip


@dataclass
class MemoryCashBalances:
    """One customer's money, as much as it is told."""

    available: int = 0
    applied: dict[str, int] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    async def request(self, effect: RequestFunds) -> int | None:
        if effect.key not in self.done:
            if effect.applying is not None and effect.applying > self.available:
                return None
            self.done.add(effect.key)
            most = effect.amount if effect.applying is None else effect.applying
            self._apply(effect.intent, min(self.available, most))
        return self.applied[effect.intent]

    async def move(self, effect: MoveFunds) -> Outcome:
        if effect.operation == "apply_funds" and effect.key not in self.done:
            self.done.add(effect.key)
            self._apply(effect.intent, effect.amount)
        elif effect.operation == "release_funds":
            self.available += self.applied.pop(effect.intent, 0)
        return FundsKnown(applied=self.applied.get(effect.intent, 0))

    async def refund(self, effect: Refund) -> Outcome:
        return Approved(authorization=effect.authorization)

    def _apply(self, intent: str, amount: int) -> None:
        self.available -= amount
        self.applied[intent] = self.applied.get(intent, 0) + amount


@dataclass
class FakeGateway:
    """Idempotent by key. `answers` are given first, in order; an exception among them is raised.

    Then it approves what its book allows, and everything about an authorization that is not in its book.
    `held_back`: its breaker is open to whoever looks something up.
    """

    answers: list[Outcome | Exception] = field(default_factory=list)
    lose_answers: bool = False
    performed: list[GatewayEffect] = field(default_factory=list)
    calls: int = 0
    known: dict[str, Outcome] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    answered: set[str] = field(default_factory=set)
    ended: dict[str, str] = field(default_factory=dict)
    profile: GatewayProfile = field(default_factory=GatewayProfile)
    held_back: bool = False

    async def ready(self) -> bool:
        return True

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def instructions(self, owner: str, transfer: dict[str, Any]) -> FundingInstructions:
        address = {"type": "aba", "supported_networks": ["ach"], "aba": ABA}
        return FundingInstructions(addresses=[address], country="US", page="https://pay.example/bank_transfers")

    async def simulate_transfer(
        self, key: str, owner: str, amount: int, currency: str, reference: str | None
    ) -> BankTransfer:
        details = {"type": "us_bank_transfer", "reference": reference}
        return BankTransfer(
            id=f"trf_{key}", owner=owner, amount=amount, currency=currency, reference=reference, details=details
        )

    async def end_refund(self, refund: str, status: str) -> bool:
        """Whoever is asked for an account can be asked no longer, until they are in `answered`."""
        if refund in self.answered:
            return False
        return self.ended.setdefault(refund, status) == status

    async def perform(self, effect: GatewayEffect) -> Outcome:
        self.calls += 1
        if self.hold is not None:
            await self.hold.wait()
        if effect.key not in self.known:
            answer = self.answers.pop(0) if self.answers else self._answer(effect)
            if isinstance(answer, Exception):
                raise answer
            self.known[effect.key] = answer
            self.performed.append(effect)
        self._check(effect)
        return self.known[effect.key]

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        if self.held_back:
            raise GatewayHeldBack("its breaker is open")
        self._check(effect)
        return self.known.get(effect.key)

    async def standing(self, authorization: str) -> Standing | None:
        if self.lose_answers:
            raise GatewayUnavailable("the answer was lost")
        return self._standing(authorization)

    def _check(self, effect: GatewayEffect) -> None:
        if self.lose_answers:
            raise GatewayUnavailable("the answer was lost")
        for first in self.performed:
            if first.key == effect.key:
                check_question(effect, question(first))

    def _answer(self, effect: GatewayEffect) -> Outcome:
        if isinstance(effect, Authorize):
            name = f"auth_{effect.charge}"
            return Approved(authorization=name, authorization_code="123456", network_transaction_id="1")
        if isinstance(effect, SetUp):
            return Approved(authorization=effect.attempt)
        if isinstance(effect, AnswerDispute):
            return Approved(authorization=effect.dispute)
        if isinstance(effect, Refund) and effect.by_email:
            return Accepted(reference=effect.authorization)
        book = self._standing(effect.authorization)
        allowed = book is None or book.awaited or _allowed(effect, book)
        return Approved(authorization=effect.authorization) if allowed else Declined(decline_code="generic_decline")

    def _standing(self, authorization: str) -> Standing | None:
        """The book, from all that was done about one authorization."""
        book: Standing | None = None
        for effect in self.performed:
            outcome = self.known[effect.key]
            if isinstance(effect, Authorize):
                book = _opened(effect, outcome, authorization) or book
            elif isinstance(effect, SetUp | AnswerDispute):
                continue
            elif book is not None and effect.authorization == authorization and isinstance(outcome, Approved):
                book = _moved(effect, book)
        return book


def _opened(effect: Authorize, outcome: Outcome, authorization: str) -> Standing | None:
    amount = effect.amount
    book = Standing(authorization=authorization, charge=effect.charge, currency=effect.currency, authorized=amount)
    match outcome:
        case Approved(authorization=name) if name == authorization:
            return replace(book, captured=amount) if effect.capture else replace(book, held=amount)
        case Accepted(reference=name) | PaymentAwaited(reference=name) if name == authorization:
            return replace(book, awaited=amount)
        case _:
            return None


def _allowed(effect: GatewayEffect, book: Standing) -> bool:
    match effect:
        case CaptureHold():
            return bool(book.held) and (effect.over or effect.amount <= book.held)
        case Increment():
            return bool(book.held) and effect.amount > book.authorized
        case Refund():
            return book.refunded + effect.amount <= book.captured
        case Void():
            return bool(book.held)
        case _:
            return True


def _moved(effect: GatewayEffect, book: Standing) -> Standing:
    match effect:
        case CaptureHold():
            left = max(0, book.held - effect.amount)
            taken = replace(book, captured=book.captured + effect.amount, held=0 if effect.final else left)
            return replace(taken, released=book.released + left) if effect.final else taken
        case Increment():
            return replace(book, authorized=effect.amount, held=effect.amount)
        case Refund():
            return replace(book, refunded=book.refunded + effect.amount)
        case Void():
            return replace(book, held=0, released=book.released + book.held, awaited=0)
        case AskSettlement():
            return replace(book, captured=book.captured + book.awaited, awaited=0)
        case _:
            return book


@dataclass
class MemoryRecords(Generic[S, T]):
    """Keeps transitions, by the rules of the fence, as the real one does; `away` and `refuses` are its two failures."""

    transitions: list[T] = field(default_factory=list)
    away: bool = False
    refuses: bool = False
    records: dict[str, Recorded[S]] = field(default_factory=dict)
    claims: list[UnderWay] = field(default_factory=list)
    clock: int = 0

    async def latest(self, id_: str) -> S | None:
        recorded = await self.recorded(id_)
        return recorded.intent if recorded else None

    async def recorded(self, id_: str) -> Recorded[S] | None:
        self._reach()
        return self.records.get(id_)

    async def claim(self, intent: S, asked: UnderWay) -> Answer[S]:
        self._reach()
        answer = fence.claim(self.records.get(intent.id), intent, asked, self.clock)
        if isinstance(answer, Taken):
            self.claims.append(asked)
            self.records[intent.id] = Recorded(intent=intent, under_way=replace(asked, now=answer.now))
        return answer

    async def project(self, transition: T) -> Answer[S]:
        self._reach()
        answer = fence.write(self.records.get(transition.after.id), transition)
        if isinstance(answer, Taken):
            self.transitions.append(transition)
            self.records[transition.after.id] = Recorded(intent=transition.after)
        return answer

    async def restore(self, intent: S) -> None:
        self._reach()
        self.records[intent.id] = Recorded(intent=intent)

    def _reach(self) -> None:
        if self.away:
            raise RecordsUnavailable("the record store is away")
        if self.refuses:
            raise RecordsRefused("the record store cannot store that")

    def types(self, id_: str) -> list[str]:
        """Stripe's events of one intent, in order."""
        return [a.type for t in self.transitions if t.after.id == id_ for a in t.announcements]


@dataclass
class MemoryProjection(MemoryRecords[PaymentIntent, Transition]):
    """Of PaymentIntents."""


@dataclass
class MemorySetups(MemoryRecords[SetupIntent, SetupTransition]):
    """Of SetupIntents."""


UNSUPPORTED = "0066666"
"""How IBANs end whose bank takes no debits."""


@dataclass
class FakeTokenization:
    """Knows two cards, `pm_card_visa` and `pm_card_amex`; says yes to keeping it, unless told otherwise."""

    answer: Outcome = field(default_factory=lambda: Approved(authorization=""))
    seen: list[CardInput] = field(default_factory=list)
    accounts: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    async def tokenize(self, card: CardInput) -> TokenizedCard:
        self.seen.append(card)
        return self._tokenized(card.number[-4:])

    async def tokenize_reference(self, reference: str) -> TokenizedCard | None:
        if reference == "pm_card_amex":
            return self._tokenized("8431", "amex")
        return self._tokenized("4242") if reference in ("pm_card_visa", "tok_visa") else None

    async def tokenize_account(self, type_: str, details: dict[str, Any]) -> TokenizedAccount | Declined:
        if str(details.get("iban")).endswith(UNSUPPORTED):
            return Declined(decline_code="sepa_debit_debits_not_supported")
        return self._account(type_, details)

    def _account(self, type_: str, details: dict[str, Any]) -> TokenizedAccount:
        self.count += 1
        self.accounts.append({"type": type_, **details})
        facts = {name: value for name, value in details.items() if name not in ("account_number", "iban")}
        if type_ in ("us_bank_account", "sepa_debit", "acss_debit", "au_becs_debit", "bacs_debit"):
            facts |= {"last4": "6789", "fingerprint": "f"}
        return TokenizedAccount(token=f"tok_{self.count}", details=facts)

    async def tokenize_account_reference(self, reference: str) -> tuple[str, TokenizedAccount] | None:
        if reference != "pm_usBankAccount_success":
            return None
        return "us_bank_account", self._account("us_bank_account", {"account_number": "000123456789"})

    async def verify(self, token: str) -> Outcome:
        del token
        return self.answer

    async def ready(self) -> bool:
        return True

    def _tokenized(self, last4: str, brand: str = "visa") -> TokenizedCard:
        card = Card(
            brand=brand, last4=last4, exp_month=8, exp_year=2034, funding="credit", country="US",
            fingerprint="f" if brand == "visa" else brand, networks=(brand,),
        )  # fmt: skip
        self.count += 1
        return TokenizedCard(token=f"tok_{self.count}", card=card)


@dataclass
class InlineEngine:
    """The engine without Temporal: the same domain, the gateway asked at once, the record written."""

    projection: Projection
    clock: Callable[[], int]
    gateway: FakeGateway = field(default_factory=FakeGateway)
    balances: CashBalances = field(default_factory=MemoryCashBalances)
    away: bool = False
    stopped: bool = False
    states: dict[str, PaymentIntent] = field(default_factory=dict)
    started: int = 0
    skipped: int = 0
    names: tuple[str, ...] = (FIRST,)
    """What the gateway is called; each name is one, and all of them are the same."""

    async def start(self, intent: PaymentIntent) -> None:
        if self.away:
            raise EngineUnavailable("away")
        self.started += 1
        self.states.setdefault(intent.id, intent)

    async def start_with(self, intent: PaymentIntent, command: Command) -> CommandResult:
        await self.start(intent)
        return await self._handle(self.states[intent.id], command)

    async def send(self, intent: PaymentIntent, command: Command, reload: Reload[PaymentIntent]) -> CommandResult:
        del reload
        if self.away:
            raise EngineUnavailable("away")
        if self.stopped:
            raise PaymentStopped("until somebody has looked at it")
        return await self._handle(self.states.get(intent.id, intent), command)

    async def notify(self, id_: str, command: Command) -> bool:
        if self.away:
            raise EngineUnavailable("away")
        if id_ not in self.states:
            recorded = await self.projection.latest(id_)
            if recorded is None or recorded.status in TERMINAL:
                return False
            self.states[id_] = recorded
        with contextlib.suppress(CommandRefused):
            await self._handle(self.states[id_], command)
        return True

    async def time_of(self, id_: str, now: int) -> int:
        if id_ not in self.states or self.states[id_].status in TERMINAL:
            raise ClockFixed("ended")
        return now + self.skipped

    async def fast_forward(self, id_: str, seconds: int) -> None:
        await self.time_of(id_, 0)
        self.skipped += seconds

    async def retrieve(self, id_: str) -> PaymentIntent | None:
        return None if self.away else self.states.get(id_)

    async def _handle(self, intent: PaymentIntent, command: Command) -> CommandResult:
        entry = ledger_entry(intent, command.command_id)
        if entry is not None:
            return CommandResult(intent=intent, error=entry.error)
        now = self.clock()
        decision = decide(intent, command, now)
        if isinstance(decision, Refusal):
            raise CommandRefused(decision, replace(intent))
        performer = Performer(Gateways(dict.fromkeys(self.names, self.gateway)), self.balances)
        outcome = await performer.perform(decision.effect) if decision.effect else None
        transition = carry_out(intent, command, decision, outcome, now)
        await self.projection.project(transition)
        self.states[intent.id] = transition.after
        if transition.goes_on:
            return await self._handle(transition.after, command)
        return CommandResult(intent=transition.after, error=transition.error)


@dataclass
class InlineSetups:
    """The same of SetupIntents, at the same gateway."""

    records: SetupRecords
    clock: Callable[[], int]
    gateway: FakeGateway
    away: bool = False
    states: dict[str, SetupIntent] = field(default_factory=dict)
    skipped: int = 0

    async def start(self, intent: SetupIntent) -> None:
        if self.away:
            raise EngineUnavailable("away")
        self.states.setdefault(intent.id, intent)

    async def start_with(self, intent: SetupIntent, command: Command) -> SetupResult:
        await self.start(intent)
        return await self._handle(self.states[intent.id], command)

    async def send(self, intent: SetupIntent, command: Command, reload: Reload[SetupIntent]) -> SetupResult:
        del reload
        if self.away:
            raise EngineUnavailable("away")
        return await self._handle(self.states.get(intent.id, intent), command)

    async def notify(self, id_: str, command: Command) -> bool:
        if id_ not in self.states:
            return False
        with contextlib.suppress(CommandRefused):
            await self._handle(self.states[id_], command)
        return True

    async def time_of(self, id_: str, now: int) -> int:
        if id_ not in self.states or self.states[id_].status in TERMINAL:
            raise ClockFixed("ended")
        return now + self.skipped

    async def fast_forward(self, id_: str, seconds: int) -> None:
        now = await self.time_of(id_, self.clock()) + seconds
        self.skipped += seconds
        state = self.states[id_]
        due, command = SETUPS.deadline(state), SETUPS.due_command(state)
        if command is not None and due is not None and due <= now:
            await self._handle(state, command)

    async def retrieve(self, id_: str) -> SetupIntent | None:
        return None if self.away else self.states.get(id_)

    async def _handle(self, intent: SetupIntent, command: Command) -> SetupResult:
        entry = SETUPS.remembered(intent, command.command_id)
        if entry is not None:
            return SetupResult(intent=intent, error=entry.error)
        now = self.clock() + self.skipped
        decision = SETUPS.decide(intent, command, now)
        if isinstance(decision, Refusal):
            raise CommandRefused(decision, intent)
        outcome = await self.gateway.perform(decision.effect) if decision.effect else None
        transition = SETUPS.carry_out(intent, command, decision, outcome, now)
        await self.records.project(transition)
        self.states[intent.id] = transition.after
        return SetupResult(intent=transition.after, error=transition.error)
