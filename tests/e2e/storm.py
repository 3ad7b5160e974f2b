"""A storm: mixed payments by the official SDK, while the parts of the engine are killed and the gateway misbehaves.

Each payment remembers what it was told; what was acknowledged must be true when the storm is over.
"""

import contextlib
import random  # noqa: TID251
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import stripe

from tests.e2e.conftest import Running
from tests.support.receivers import wait_until

PARTS = ("worker", "api", "simulator", "temporal", "postgres")
THREADS = 8
FAULTS = {"drop": "after", "drop_rate": 0.03, "error_rate": 0.03}
"""Shares of the gateway's answers that are lost after it acted, and that are errors."""

PATIENCE_SECONDS = 180
TRANSFER = {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": {"type": "us_bank_transfer"}}}


@dataclass(frozen=True, slots=True)
class Promise:
    """What we were told of a payment, and therefore expect of it in the end."""

    id: str
    status: str
    received: int = 0
    refunded: int = 0


@dataclass
class Storm:
    """One run; everything random comes from `seed`."""

    running: Running
    seed: int
    killed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    _order: list[str] = field(default_factory=list)

    def client(self) -> Any:
        """A client as patient as a merchant's job queue: it repeats a request under its key for minutes."""
        return self.running.client(max_network_retries=60)

    def pay(self, number: int) -> Promise:
        """One payment, of a kind that its number decides."""
        dice = random.Random(f"{self.seed}/{number}")
        kinds: list[tuple[int, Callable[[Any, int], Promise]]] = [
            (30, card), (12, held_and_captured), (8, held_and_canceled), (10, declined), (14, refunded),
            (9, debited), (9, by_voucher), (8, by_transfer),
        ]  # fmt: skip
        kind = dice.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]
        return kind(self.client(), dice.randrange(1_000, 9_000))

    def blow(self, payments: int, kills: int) -> list[Promise]:
        """Make so many payments, with so many kills spread over them; what each was told."""
        dice = random.Random(self.seed)
        with ThreadPoolExecutor(THREADS) as pool, ending(pool):
            paying = [pool.submit(self.pay, number) for number in range(payments)]
            for kill in range(kills):
                self._await(paying, (kill + 1) * payments // (kills + 1))
                self._kill(self._victim(dice))
                if kill % 50 == 49:
                    done = sum(future.done() for future in paying)
                    print(f"{done} payments, {kill + 1} kills: {self.killed}", flush=True)  # noqa: T201
            promises = [future.result(PATIENCE_SECONDS * 4) for future in paying]
        self.running.faults()
        return promises

    def _await(self, paying: list[Future[Promise]], share: int) -> None:
        """Until so many payments are made; one that failed ends the storm."""

        def there() -> bool:
            for future in paying:
                if future.done() and future.exception() is not None:
                    future.result()
            return sum(future.done() for future in paying) >= share

        self.running.wait_for(there, PATIENCE_SECONDS * 2)

    def _victim(self, dice: random.Random) -> str:
        """Each part in turn, in an order that changes."""
        if not self._order:
            self._order = dice.sample(PARTS, len(PARTS))
        return self._order.pop()

    def _kill(self, victim: str) -> None:
        before = self.running.children().get(victim)
        if before is None:
            return  # it is starting, after somebody it cannot do without
        before.kill()
        self.killed[victim] += 1

        def back() -> bool:
            now = self.running.children().get(victim)
            return now is not None and now.pid != before.pid

        self.running.wait_for(back, PATIENCE_SECONDS)
        self.running.wait_for(self.running.ready, PATIENCE_SECONDS)
        if victim == "simulator":
            self.running.faults(**FAULTS, seed=self.seed)


@contextlib.contextmanager
def ending(pool: ThreadPoolExecutor) -> Iterator[None]:
    """When something is wrong, make no more payments, so that somebody can look."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def settled(client: Any, id_: str, *statuses: str) -> Any:
    """Wait until a payment has one of these statuses; the payment."""
    seen: list[Any] = []

    def there() -> bool:
        seen[:] = [client.v1.payment_intents.retrieve(id_)]
        return seen[0].status in statuses

    wait_until(there, f"{id_} to be one of {statuses}", PATIENCE_SECONDS)
    return seen[0]


def created(client: Any, amount: int, **more: Any) -> Any:
    """A confirmed payment; `processing`, if the gateway has not said what it did."""
    given = {"amount": amount, "currency": "usd", "confirm": True, **more}
    return client.v1.payment_intents.create(given)


def card(client: Any, amount: int) -> Promise:
    intent = settled(client, created(client, amount, payment_method="pm_card_visa").id, "succeeded")
    return Promise(intent.id, "succeeded", amount)


def _held(client: Any, amount: int) -> str:
    intent = created(client, amount, payment_method="pm_card_visa", capture_method="manual")
    settled(client, intent.id, "requires_capture")
    return str(intent.id)


def held_and_captured(client: Any, amount: int) -> Promise:
    id_ = _held(client, amount)
    client.v1.payment_intents.capture(id_, {"amount_to_capture": amount // 2})
    settled(client, id_, "succeeded")
    return Promise(id_, "succeeded", amount // 2)


def held_and_canceled(client: Any, amount: int) -> Promise:
    id_ = _held(client, amount)
    client.v1.payment_intents.cancel(id_)
    settled(client, id_, "canceled")
    return Promise(id_, "canceled")


def declined(client: Any, amount: int) -> Promise:
    intent = client.v1.payment_intents.create({"amount": amount, "currency": "usd"})
    try:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa_chargeDeclined"})
    except stripe.CardError:
        return Promise(intent.id, "requires_payment_method")
    settled(client, intent.id, "requires_payment_method")
    return Promise(intent.id, "requires_payment_method")


def refunded(client: Any, amount: int) -> Promise:
    promise = card(client, amount)
    refund = client.v1.refunds.create({"payment_intent": promise.id, "amount": amount // 3})
    given = client.v1.refunds.retrieve
    wait_until(lambda: given(refund.id).status != "pending", f"{refund.id} to be given", PATIENCE_SECONDS)
    return Promise(promise.id, "succeeded", amount, amount // 3)


def debited(client: Any, amount: int) -> Promise:
    data = {"type": "sepa_debit", "sepa_debit": {"iban": "AT611904300234573201"},
            "billing_details": {"name": "Jenny", "email": "jenny@example.com"}}  # fmt: skip
    intent = created(
        client, amount, currency="eur", payment_method_types=["sepa_debit"], payment_method_data=data,
        mandate_data={"customer_acceptance": {"type": "offline"}},
    )  # fmt: skip
    settled(client, intent.id, "succeeded")
    return Promise(intent.id, "succeeded", amount)


def by_voucher(client: Any, amount: int) -> Promise:
    data = {"type": "oxxo", "billing_details": {"name": "Jenny", "email": "succeed_immediately@example.com"}}
    intent = created(client, amount, currency="mxn", payment_method_types=["oxxo"], payment_method_data=data)
    settled(client, intent.id, "succeeded")
    return Promise(intent.id, "succeeded", amount)


def by_transfer(client: Any, amount: int) -> Promise:
    customer = client.v1.customers.create({"email": "jenny@example.com"})
    intent = created(
        client, amount, customer=customer.id, payment_method_types=["customer_balance"],
        payment_method_data={"type": "customer_balance"}, payment_method_options=TRANSFER,
    )  # fmt: skip
    for part in (amount // 2, amount - amount // 2):
        given = {"amount": part, "currency": "usd"}
        client.v1.test_helpers.customers.fund_cash_balance(customer.id, given)
    settled(client, intent.id, "succeeded")
    return Promise(intent.id, "succeeded", amount)
