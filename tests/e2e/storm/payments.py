"""The kinds of payments that a storm makes: each a short life of its own, in the order its dice say."""

import random  # noqa: TID251
from collections.abc import Callable
from typing import Any

from tests.e2e.storm import rivals
from tests.e2e.storm.order import FLEXIBLE, GaveUp, Order
from tests.e2e.storm.setups import set_up_and_charged, set_up_by_rivals
from tests.e2e.storm.shop import Shop

MANUAL: dict[str, Any] = {"capture_method": "manual"}
TRANSFER = {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": {"type": "us_bank_transfer"}}}
IBANS = {"debit": "AT611904300234573201", "debit_returned": "AT861904300235473202"}
BUYER = {"name": "Jenny", "email": "succeed_immediately@example.com"}

Kind = Callable[[Order, int], None]


def card(order: Order, amount: int) -> None:
    order.create(amount, "ok")


def held_and_captured(order: Order, amount: int) -> None:
    order.create(amount, "ok", **MANUAL)
    order.settled()
    order.capture(amount // 2)


def held_and_canceled(order: Order, amount: int) -> None:
    order.create(amount, "ok", **MANUAL)
    order.settled()
    order.cancel()


def raised_and_captured(order: Order, amount: int) -> None:
    order.create(amount, "ok", **MANUAL, payment_method_options=FLEXIBLE)
    order.settled()
    order.increment(amount + 500)
    order.settled()
    order.increment(amount + 700)
    order.settled()
    order.capture(amount + 600)


def captured_in_parts(order: Order, amount: int) -> None:
    order.create(amount, "ok", **MANUAL, payment_method_options=FLEXIBLE)
    order.settled()
    for _ in range(2):
        order.capture(amount // 4, more=True)
        order.settled()
    order.cancel() if order.dice.random() < 0.3 else order.capture(amount // 8)
    order.settled()
    order.refund(amount // 4)


def declined_then_paid(order: Order, amount: int) -> None:
    order.create(amount, None, confirm=False)
    order.confirm("declined")
    order.settled()
    order.confirm("ok")


def created_and_left(order: Order, amount: int) -> None:
    order.create(amount, "ok", confirm=False)
    order.change_amount(amount + 100)
    order.note("left")


def challenged(order: Order, amount: int) -> None:
    method = order.dice.choices(["challenge", "challenge_declined"], [5, 1])[0]
    manual: dict[str, Any] = MANUAL if order.dice.random() < 0.3 else {}
    order.create(amount, method, **manual)
    fate = order.dice.random()
    if fate < 0.7:
        order.authenticate()
    elif fate < 0.85:
        order.authenticate(yes=False)
        order.settled()
        order.confirm("ok")


def debited(order: Order, amount: int) -> None:
    method = order.dice.choices(["debit", "debit_returned"], [3, 1])[0]
    data = {"type": "sepa_debit", "sepa_debit": {"iban": IBANS[method]}, "billing_details": BUYER}
    order.expect("settle" if method == "debit" else "return")
    order.create(
        amount, method, currency="eur", allowed_payment_method_types=["sepa_debit"], payment_method_data=data,
        mandate_data={"customer_acceptance": {"type": "offline"}},
    )  # fmt: skip


def by_voucher(order: Order, amount: int) -> None:
    data = {"type": "oxxo", "billing_details": BUYER}
    order.expect("settle")
    order.create(amount, "voucher", currency="mxn", allowed_payment_method_types=["oxxo"], payment_method_data=data)


def by_transfer(order: Order, amount: int) -> None:
    made = order.ask("customer", lambda client, options: client.v1.customers.create({"email": BUYER["email"]}, options))
    customer = str(made.result["id"])
    order.create(
        amount, "transfer", customer=customer, allowed_payment_method_types=["customer_balance"],
        payment_method_data={"type": "customer_balance"}, payment_method_options=TRANSFER,
    )  # fmt: skip
    order.settled()
    for part in (amount // 2, amount - amount // 2):
        order.fund(customer, part)


def refunded(order: Order, amount: int) -> None:
    order.create(amount, "ok")
    order.settled()
    order.refund(amount // 3)
    order.refund(amount // 4)
    order.refund(amount)


def refunded_later(order: Order, amount: int) -> None:
    order.create(amount, "ok", payment_method="pm_card_pendingRefund")
    order.settled()
    order.refund(amount // 3)
    order.refund(amount // 4)


def refund_comes_back(order: Order, amount: int) -> None:
    order.create(amount, "ok", payment_method="pm_card_refundFail")
    order.settled()
    order.refund(amount // 3)
    order.expect("refund_fails", amount=amount // 3)


def passed_on(order: Order, amount: int) -> None:
    """To another account, less a fee; both come back with what is refunded, in parts."""
    made = order.ask("account", lambda client, options: client.v1.accounts.create({"type": "custom"}, options))
    destination = {"destination": str(made.result["id"])}
    order.create(amount, "ok", application_fee_amount=amount // 10, transfer_data=destination)
    order.settled()
    order.refund(amount // 3, reverse_transfer=True, refund_application_fee=True)
    order.refund(amount // 4, reverse_transfer=True)
    order.refund(amount // 5)


def disputed(order: Order, amount: int) -> None:
    order.create(amount, "ok", payment_method="pm_card_createDispute")


def contested(order: Order, amount: int) -> None:
    """Two to four commands at once."""
    del amount
    first = order.dice.choice(rivals.COMMANDS)
    rivals.race(
        order, [first, *(order.dice.choice(rivals.COMMANDS) for _ in range(order.dice.choice([1, 1, 1, 2, 3])))]
    )


KINDS: dict[Kind, int] = {
    card: 10, held_and_captured: 6, held_and_canceled: 5, raised_and_captured: 6, captured_in_parts: 6,
    declined_then_paid: 6, created_and_left: 2, challenged: 9, debited: 6, by_voucher: 5, by_transfer: 4, refunded: 6,
    refunded_later: 3, refund_comes_back: 3, disputed: 3, contested: 20, set_up_and_charged: 5, set_up_by_rivals: 5,
    passed_on: 5,
}  # fmt: skip
"""How often each comes, in a hundred and fifteen."""

CARELESS_SHARE = 0.08


def pay(shop: Shop, seed: int, number: int) -> Order:
    """One payment of the storm, all of it decided by its number."""
    dice = random.Random(f"{seed}/{number}")
    order = Order(shop, f"order-{seed}-{number}", dice, careless=dice.random() < CARELESS_SHARE)
    kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
    try:
        kind(order, dice.randrange(1_000, 9_000))
    except GaveUp:
        return order
    return order
