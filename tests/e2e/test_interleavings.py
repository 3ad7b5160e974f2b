"""Funding, confirming, canceling, applying and refunding at random and at once: no cent comes or goes.

Hypothesis against the running engine. What came in is in the customer's balance, or set aside for their payments.
"""

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.conftest import Running
from tests.e2e.test_bank_transfers import asked, available, customer_of, fund, movements
from tests.support.receivers import wait_until

AMOUNTS = st.sampled_from([300, 500, 700, 1_000, 1_300])
PAYMENTS = 3
STEPS = st.one_of(
    st.tuples(st.just("fund"), AMOUNTS),
    st.tuples(st.sampled_from(["confirm", "cancel", "apply", "card"]), st.integers(0, PAYMENTS - 1)),
    st.tuples(st.just("refund"), st.integers(0, PAYMENTS - 1)),
)
BATCHES = st.lists(st.lists(STEPS, min_size=1, max_size=3), min_size=2, max_size=6)
"""The steps of a batch are taken at once."""


def take(client: Any, customer: str, intents: list[str], step: tuple[str, int]) -> None:
    """One step; what the state of things forbids, or a card makes superfluous, is refused, and that is all."""
    what, value = step
    payments = client.v1.payment_intents
    with contextlib.suppress(stripe.InvalidRequestError, stripe.RateLimitError):
        match what:
            case "fund":
                fund(client, customer, value)
            case "confirm":
                payments.confirm(intents[value])
            case "cancel":
                payments.cancel(intents[value])
            case "apply":
                payments.apply_customer_balance(intents[value], {"amount": 300})
            case "card":
                payments.confirm(intents[value], {"payment_method": "pm_card_visa"})
            case _:
                client.v1.refunds.create({"payment_intent": intents[value], "amount": 300})


def set_aside(client: Any, intent_id: str) -> int:
    """What a payment has taken of the customer's balance, as it shows itself. What is refunded goes to their bank."""
    intent = client.v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]})
    if intent.status == "requires_action":
        return int(intent.amount - intent.next_action.display_bank_transfer_instructions.amount_remaining)
    charge = intent.latest_charge
    if intent.status != "succeeded" or charge.payment_method_details.type != "customer_balance":
        return 0
    return int(charge.amount_captured)


EXAMPLES = int(os.environ.get("PERDURE_INTERLEAVINGS", "12"))  # noqa: TID251


@settings(
    max_examples=EXAMPLES, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(batches=BATCHES)
def test_what_came_in_is_in_the_balance_or_set_aside(running: Running, batches: list[list[tuple[str, int]]]) -> None:
    client = running.client()
    customer = customer_of(client)
    accepted = ["customer_balance", "card"]
    intents = [
        asked(client, customer, amount, confirm=False, allowed_payment_method_types=accepted).id
        for amount in (500, 1_000, 900)
    ]
    with ThreadPoolExecutor(3) as pool:
        for batch in batches:
            list(pool.map(lambda step: take(client, customer, intents, step), batch))

    def balanced() -> bool:
        held = sum(set_aside(client, intent) for intent in intents)
        return available(client, customer) + held == came_in(client, customer)

    wait_until(balanced, f"every cent of {movements(client, customer)}")
    moved = movements(client, customer)
    assert sum(net for _, net, _ in moved) == available(client, customer)
    assert all(ending >= 0 for _, _, ending in moved)


def came_in(client: Any, customer: str) -> int:
    return sum(net for type_, net, _ in movements(client, customer) if type_ == "funded")
