"""The four books, as they are compared: what each says of one payment, and of the money that came in by transfer.

The records read them (records/reconciliation.py), the gateway's client and Temporal's (activities/reconciler.py has
the ports); nothing is judged here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.model.charges import Charge
from domain.model.disputes import Dispute
from domain.model.gateways import FIRST
from domain.model.payment_intent import PaymentIntent
from domain.model.refunds import ChargeRefund
from domain.model.setup_intent import SetupIntent
from domain.model.shares import ShareReturn


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRow:
    """The columns of a PaymentIntent's row: what is listed and searched by. Amounts are minor units."""

    version: int
    status: str
    amount: int
    amount_capturable: int
    amount_received: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRow:
    """The columns of a charge's row, and the charge that is in it."""

    id: str
    status: str
    amount: int
    amount_captured: int
    amount_refunded: int
    charge: Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """The columns of a refund's row, and the refund that is in it."""

    id: str
    status: str
    amount: int
    refund: ChargeRefund


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event: its type and which object it tells of. In the order in which they were written."""

    id: str
    type: str
    object_id: str
    created: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """What is set aside of a customer's money for a payment, and what its transactions come to. Minor units."""

    applied: int
    refunded: int
    moved: int
    returned: int


@dataclass(slots=True, kw_only=True)
class PaymentBook:
    """All that the records have of one PaymentIntent. `begun` is when (Unix seconds) what is under way was begun.

    `booked` is what the ledger has of each charge, refund and dispute, by id (minor units, out is negative), and
    `transactions` by which of its transactions.
    `shares` are fees and transfers by id: what was given, and what of it came back, which is in
    `share_returns`.
    """

    id: str
    row: IntentRow
    state: PaymentIntent
    begun: int | None = None
    charges: list[ChargeRow] = field(default_factory=list)
    refunds: list[RefundRow] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    events: list[EventSeen] = field(default_factory=list)
    mandates: set[str] = field(default_factory=set)
    funding: Funding | None = None
    booked: dict[str, int] = field(default_factory=dict)
    transactions: set[str] = field(default_factory=set)
    shares: dict[str, tuple[int, int]] = field(default_factory=dict)
    share_returns: list[ShareReturn] = field(default_factory=list)

    @property
    def under_way(self) -> bool:
        """Whether the gateway may have done more than is recorded, and somebody is finding out, or is told."""
        return self.begun is not None or self.state.pending is not None or self.state.accepted is not None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An intent that is there, and cannot be read, and why."""

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some PaymentIntents: those that can be read, and those that cannot."""

    books: list[PaymentBook]
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        """Of all of them."""
        return {book.id for book in self.books}.union(one.id for one in self.unreadable)


@dataclass(slots=True, kw_only=True)
class Theirs:
    """One charge as the gateway's book has it: sums (minor units), and under which names."""

    payment_intents: set[str] = field(default_factory=set)
    authorizations: set[str] = field(default_factory=set)
    currencies: set[str] = field(default_factory=set)
    authorized_times: int = 0
    authorized: int = 0
    captured: int = 0
    refunded: int = 0
    voided: int = 0

    @property
    def held(self) -> int:
        """What was authorized, and neither taken nor released; meaningless once a capture has released the rest."""
        return self.authorized - self.captured - self.voided

    def add(self, operation: str, amount: int) -> None:
        """One movement.

        Raises:
            ValueError: nobody knows what this operation means for money.
        """
        match operation:
            case "authorize":
                self.authorized_times += 1
                self.authorized += amount
            case "debit":
                self.authorized_times += 1
                self.authorized += amount
                self.captured += amount
            case "increment":
                self.authorized += amount
            case "capture":
                self.captured += amount
            case "capture_failure":
                self.captured -= amount
            case "refund":
                self.refunded += amount
            case "refund_return":
                self.refunded -= amount
            case "void":
                self.voided += amount
            case _:
                raise ValueError(f"an entry of the gateway's book is about {operation!r}")

    def merge(self, other: "Theirs") -> None:
        """What another gateway has of the same charge."""
        self.authorized += other.authorized
        self.captured += other.captured
        self.refunded += other.refunded
        self.voided += other.voided
        self.authorized_times += other.authorized_times
        self.payment_intents |= other.payment_intents
        self.authorizations |= other.authorizations
        self.currencies |= other.currencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement of the gateway's book. Its `key` begins with the id of the PaymentIntent that asked."""

    operation: str
    authorization: str
    charge: str
    amount: int
    currency: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSetUp:
    """A payment method that the gateway has made good for payments to come: by which attempt, under which token."""

    attempt: str
    token: str


FUND = "fund"
"""Money that came in by bank transfer, whoever it is for."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A bank transfer: minor units of `currency`; `times` is how often it is booked."""

    amount: int
    currency: str
    times: int = 1


@dataclass(slots=True)
class GatewayBook:
    """The gateways' book: charges by id, transfers by id, and which charge has an authorization.

    `setups` is what was set up, by the SetupIntent that asked. `unread` are the gateways whose own books are not in it,
    `read` those whose are; None is all.
    """

    charges: dict[str, Theirs] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    charge_of: dict[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    setups: dict[str, list[MethodSetUp]] = field(default_factory=dict)
    read: frozenset[str] | None = None

    def has(self, gateway: str) -> bool:
        """Whether what a gateway has is in it: not of one that is here no more, nor of one whose book is unread."""
        name = gateway or FIRST
        return name not in self.unread and (self.read is None or name in self.read)

    def merge(self, other: "GatewayBook") -> None:
        """Another gateway's book as well. A charge that is in both was tried at both, and all of it counts."""
        for id_, theirs in other.charges.items():
            self.charges.setdefault(id_, Theirs()).merge(theirs)
        self.transfers |= other.transfers
        self.charge_of |= other.charge_of
        for intent, found in other.setups.items():
            self.setups.setdefault(intent, []).extend(found)

    def add(self, entries: Iterable[Entry]) -> None:
        """More of the book, in any order."""
        for entry in entries:
            if entry.operation == FUND:
                self.transfers[entry.authorization] = Transfer(entry.amount, entry.currency)
                continue
            theirs = self.charges.setdefault(entry.charge, Theirs())
            theirs.add(entry.operation, entry.amount)
            theirs.payment_intents.add(entry.key.partition("/")[0])
            theirs.authorizations.add(entry.authorization)
            theirs.currencies.add(entry.currency)
            self.charge_of[entry.authorization] = entry.charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A customer's cash balance in one currency, and the sum of its transactions; minor units."""

    customer: str
    currency: str
    available: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A transaction whose ending balance does not follow from the one before: what it says, and what would follow."""

    id: str
    customer: str
    ending: int
    expected: int


@dataclass(frozen=True, slots=True)
class MethodUse:
    """An unsaved payment method, how many payments it has made, and whether it is good for more."""

    id: str
    payments: int
    reusable: bool


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An event that an endpoint wants, and that nobody is to send it."""

    event: str
    type: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Misbooked:
    """A balance transaction and its entries, which say something else, or are not there; as text.

    Or (`what`) a share of a payment and what is booked of it; or what accounts have given each other, of a currency.
    """

    id: str
    transaction: str
    entries: str
    what: str = "entries"


@dataclass(frozen=True, slots=True)
class Running:
    """The workflow answers, and this is its state."""

    state: PaymentIntent | SetupIntent


@dataclass(frozen=True, slots=True)
class Closed:
    """No workflow runs: how it ended, or that there never was one."""

    how: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The workflow runs and does not answer, and why not."""

    why: str


WorkflowAnswer = Running | Closed | Silent
