"""What the records have of a SetupIntent, as it is compared. books.py has what they have of a payment."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.model.setup_intent import DONE, SetupAttempt, SetupIntent
from domain.reconciliation.books import EventSeen, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupRow:
    """The columns of a SetupIntent's row: what is listed by."""

    version: int
    status: str
    customer: str | None
    payment_method: str | None
    attach_to_self: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """The columns of an attempt's row, and the attempt that is in it."""

    id: str
    status: str
    attempt: SetupAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRow:
    """Whose a payment method is; nobody's and `consumed` once it was detached, or its customer deleted."""

    customer: str | None
    consumed: bool


@dataclass(slots=True, kw_only=True)
class SetupBook:
    """All that the records have of one SetupIntent.

    `begun` is when (Unix seconds) what is under way was begun, `owed_since` since when the gateway owes an answer.
    `methods` are those of `kept` that are there, by id, `mandates` the ids of those that are named and there.
    `customer_gone` says that the customer was deleted.
    """

    id: str
    row: SetupRow
    state: SetupIntent
    begun: int | None = None
    owed_since: int | None = None
    attempts: list[AttemptRow] = field(default_factory=list)
    events: list[EventSeen] = field(default_factory=list)
    mandates: set[str] = field(default_factory=set)
    methods: dict[str, MethodRow] = field(default_factory=dict)
    customer_gone: bool = False

    @property
    def under_way(self) -> bool:
        """Whether the gateway may have done more than is recorded, and somebody is finding out."""
        return self.begun is not None or self.state.pending is not None

    @property
    def kept(self) -> Iterator[str]:
        """The methods that have to be its customer's, as it has set them up: what was, or the debit in its place."""
        state = self.state
        if state.customer is None or state.attempt is None or state.attempt.status != DONE:
            return
        if state.attempt.generated is not None:
            yield state.attempt.generated
        if state.payment_method is not None and state.payment_method.customer is not None:
            yield state.payment_method.id

    @property
    def named_mandates(self) -> set[str]:
        """Every consent that it, or an attempt of it, gave rise to."""
        state = self.state
        attempts = [row.attempt for row in self.attempts] + ([state.attempt] if state.attempt else [])
        named = {state.mandate, state.single_use_mandate, *(one.generated_mandate for one in attempts)}
        return {id_ for id_ in named if id_ is not None}


@dataclass(frozen=True, slots=True)
class SetupPage:
    """Some SetupIntents: those that can be read, and those that cannot."""

    books: list[SetupBook]
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        """Of all of them."""
        return {book.id for book in self.books}.union(one.id for one in self.unreadable)
