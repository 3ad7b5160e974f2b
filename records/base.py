"""The records port, as activities see it. The adapter is records/projection.py, wired in worker.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from contracts.housekeeping import Place
from domain.machine.fence import Answer, Recorded, UnderWay
from domain.machine.housekeeping import Known
from domain.machine.intents import S, Step
from domain.machine.setups.transitions import SetupTransition
from domain.machine.transitions import Transition
from domain.model.hashes import JsonObject
from domain.model.outcomes import MoveFunds, Outcome, Refund, RequestFunds
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from domain.webhooks import SigningSecret


class RecordsUnavailable(Exception):
    """The record store did not answer, so whether it took the write is not known. To write again is safe."""


class RecordsRefused(Exception):
    """The record store says no for good: a value that it cannot store, or a constraint. Nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event as it was written. `data` is described in records/events.py; `pending` counts deliveries to come.

    `connected` if it is told to the platform of its account, who is told whose it is.
    """

    id: str
    account: str
    livemode: bool
    created: int
    type: str
    subject: str
    object_id: str
    request_id: str | None
    idempotency_key: str | None
    data: JsonObject
    api_version: str
    pending: int = 0
    connected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A delivery that nobody sees to yet; `resend` is one that was asked for again, and perhaps has been under way."""

    event: str
    endpoint: str
    attempts: int
    resend: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one endpoint, with all that sending it takes. `body` is None until the first try froze it."""

    event: StoredEvent
    endpoint: str
    url: str
    enabled: bool
    state: str
    attempts: int = 0
    api_version: str | None = None
    body: bytes | None = None
    secrets: tuple[SigningSecret, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: when, the HTTP status if there was one, how long it took, the start of the answer, what went wrong."""

    number: int
    created: int
    latency_ms: int
    status: int | None = None
    excerpt: str | None = None
    error: str | None = None


class Outbox(Protocol):
    """What is still to be told to endpoints. Every method may raise RecordsUnavailable."""

    async def waiting(self, limit: int) -> list[Dispatch]:
        """The oldest deliveries that nobody sees to."""
        ...

    async def dispatched(self, dispatches: list[Dispatch]) -> None:
        """They are under way now, unless they have ended already."""
        ...

    async def load(self, event: str, endpoint: str) -> Delivery | None:
        """One delivery; None if its endpoint was deleted."""
        ...

    async def freeze(self, event: str, endpoint: str, body: bytes) -> bytes:
        """Keep the body for every later try; the one that was kept first is the answer."""
        ...

    async def attempted(self, event: str, endpoint: str, attempt: Attempt, state: str, due: int | None) -> None:
        """Write a try down, and how the delivery stands after it. Twice is once."""
        ...

    async def end(self, event: str, endpoint: str, state: str) -> None:
        """Write down how a delivery ended without another try."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A payment to which something may still happen: as recorded, when it was (Unix seconds, the store's time).

    `claimed_at` is when (the payment's time) the command was begun that is under way, if any. `intent` is None if this
    release cannot read it.
    """

    id: str
    intent: Known | None
    changed: int
    claimed_at: int | None = None


class UnfinishedPayments(Protocol):
    """What housekeeping reads, all accounts together. Every method may raise RecordsUnavailable."""

    async def now(self) -> int:
        """The store's time, Unix seconds."""
        ...

    async def page(self, kind: str, after: Place, until: int, most: int) -> list[Unfinished]:
        """The next of a kind, by when they changed, up to `until`: `open`, `claimed` (of these), or `owed`."""
        ...

    async def load(self, id_: str) -> Unfinished | None:
        """One, as it is now; None if there is none."""
        ...

    async def finished(self, ids: Sequence[str]) -> dict[str, bool]:
        """Which of these are recorded, and whether nothing more is to come of each."""
        ...

    async def lineage(self) -> str:
        """Another one after the store was put back, or another server has taken over; "" if it does not say."""
        ...

    async def last_sweep(self, schedule: str) -> int:
        """The number of a schedule's last sweep; 0 if there was none."""
        ...

    async def swept(self, schedule: str, number: int) -> None:
        """A sweep has come to its end."""
        ...


class CashBalances(Protocol):
    """Customers' money, and what of it is set aside for which payment. Every method may raise RecordsUnavailable.

    Idempotent by key, and one customer at a time: nothing is ever set aside twice.
    """

    async def request(self, effect: RequestFunds) -> int | None:
        """Set aside what there is, and from now on what comes; answers with what is set aside.

        None, and nothing changes, if there is less than what is to be applied.
        """
        ...

    async def move(self, effect: MoveFunds) -> Outcome:
        """Ask how much is set aside, add to it, or give it back; Declined if that cannot be."""
        ...

    async def refund(self, effect: Refund) -> Outcome:
        """Give back to the balance what a payment had taken from it."""
        ...


T_contra = TypeVar("T_contra", bound=Step[Any], contravariant=True)


class IntentRecords(Protocol[S, T_contra]):
    """Where transitions of one kind of intent are written down, and the fence before them (domain/machine/fence.py)."""

    async def latest(self, id_: str) -> S | None:
        """The intent as it was last written, whichever account's.

        Raises:
            RecordsUnavailable: it cannot be read now.
        """
        ...

    async def recorded(self, id_: str) -> Recorded[S] | None:
        """As `latest`, with the command that is under way.

        Raises:
            RecordsUnavailable: it cannot be read now.
        """
        ...

    async def claim(self, intent: S, asked: UnderWay) -> Answer[S]:
        """Write down that a command is being carried out on `intent`, before anybody is asked to do anything.

        Raises:
            RecordsUnavailable: no answer; asking again is safe.
            RecordsRefused: the command cannot be stored. Nothing was written.
        """
        ...

    async def project(self, transition: T_contra) -> Answer[S]:
        """Write the intent, what hangs on it and its events in one transaction, from one version to the next.

        Raises:
            RecordsUnavailable: no answer; asking again is safe.
            RecordsRefused: it cannot be stored. Nothing was written.
        """
        ...

    async def restore(self, intent: S) -> None:
        """Write the state of a workflow that its record is behind: an older copy of the records was restored.

        Raises:
            RecordsUnavailable: no answer; asking again is safe.
            RecordsRefused: it cannot be stored. Nothing was written.
        """
        ...


class Projection(IntentRecords[PaymentIntent, Transition], Protocol):
    """Those of PaymentIntents."""


class SetupRecords(IntentRecords[SetupIntent, SetupTransition], Protocol):
    """Those of SetupIntents."""
