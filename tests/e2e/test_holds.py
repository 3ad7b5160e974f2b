"""Money held: what each request_* option buys and what a capture takes, by the official SDK and the gateway's book."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.e2e.conftest import Running

DAY = 86_400
USD = {"amount": 10_000, "currency": "usd", "capture_method": "manual", "confirm": True, "expand": ["latest_charge"]}


def held(sdk: Any, card: str = "pm_card_visa", destination: str | None = None, **options: str) -> Any:
    shared = {"transfer_data": {"destination": destination}} if destination else {}
    intent = sdk.v1.payment_intents.create(
        {**USD, **shared, "payment_method": card, "payment_method_options": {"card": options}}
    )
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 10_000)
    return intent


def of_card(intent: Any) -> Any:
    return intent.latest_charge.payment_method_details.card


def booked(running: Running, intent: Any) -> list[tuple[str, int]]:
    return [(entry["operation"], entry["amount"]) for entry in running.entries(intent.latest_charge.id)]


def test_nothing_asked_for_nothing_granted(sdk: Any) -> None:
    intent = held(sdk)
    card = of_card(intent)
    assert card.extended_authorization.status == "disabled"
    assert card.incremental_authorization.status == "unavailable"
    assert card.multicapture.status == "unavailable"
    assert (card.overcapture.status, card.overcapture.maximum_amount_capturable) == ("unavailable", 10_000)
    assert card.capture_before == intent.latest_charge.created + 7 * DAY


@pytest.mark.parametrize(
    ("card", "extended", "multicapture", "overcapture"),
    [
        ("pm_card_visa", "enabled", "available", "available"),
        ("pm_card_mastercard", "enabled", "available", "available"),
        ("pm_card_amex", "enabled", "available", "available"),
        ("pm_card_diners", "disabled", "available", "unavailable"),
        ("pm_card_jcb", "disabled", "available", "unavailable"),
    ],
)
def test_what_the_network_has(sdk: Any, card: str, extended: str, multicapture: str, overcapture: str) -> None:
    asked = dict.fromkeys(
        ("request_extended_authorization", "request_multicapture", "request_overcapture"), "if_available"
    )
    intent = held(sdk, card, **asked)
    granted = of_card(intent)
    assert granted.extended_authorization.status == extended
    assert granted.multicapture.status == multicapture
    assert granted.overcapture.status == overcapture
    days = 30 if extended == "enabled" else 7
    assert granted.capture_before == intent.latest_charge.created + days * DAY


def test_more_than_was_held(running: Running, sdk: Any) -> None:
    intent = held(sdk, request_overcapture="if_available")
    assert of_card(intent).overcapture.maximum_amount_capturable == 11_500
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.payment_intents.capture(intent.id, {"amount_to_capture": 11_501})
    assert caught.value.code == "amount_too_large"
    taken = sdk.v1.payment_intents.capture(intent.id, {"amount_to_capture": 11_500, "expand": ["latest_charge"]})
    assert (taken.status, taken.amount, taken.amount_received) == ("succeeded", 10_000, 11_500)
    assert (taken.latest_charge.amount, taken.latest_charge.amount_captured) == (10_000, 11_500)
    assert (taken.latest_charge.amount_refunded, taken.latest_charge.refunded) == (0, False)
    assert booked(running, intent) == [("authorize", 10_000), ("capture", 11_500)]


def test_a_raised_hold_raises_what_may_be_taken_beyond_it(sdk: Any) -> None:
    asked = dict.fromkeys(("request_overcapture", "request_incremental_authorization"), "if_available")
    intent = held(sdk, **asked)
    raised = sdk.v1.payment_intents.increment_authorization(
        intent.id, {"amount": 20_000, "description": "two nights", "expand": ["latest_charge"]}
    )
    assert (raised.amount, raised.amount_capturable, raised.description) == (20_000, 20_000, "two nights")
    assert of_card(raised).amount_authorized == 20_000
    assert of_card(raised).overcapture.maximum_amount_capturable == 23_000


def test_several_captures_and_the_rest_released(running: Running, sdk: Any) -> None:
    intent = held(sdk, request_multicapture="if_available")
    capture = sdk.v1.payment_intents.capture
    first = capture(intent.id, {"amount_to_capture": 4_000, "final_capture": False, "expand": ["latest_charge"]})
    assert (first.status, first.amount_capturable, first.amount_received) == ("requires_capture", 6_000, 4_000)
    assert (first.latest_charge.captured, first.latest_charge.amount_captured) == (False, 4_000)
    last = capture(intent.id, {"amount_to_capture": 1_000, "expand": ["latest_charge"]})
    assert (last.status, last.amount_capturable, last.amount_received) == ("succeeded", 0, 5_000)
    assert (last.latest_charge.captured, last.latest_charge.amount_refunded) == (True, 0)
    assert booked(running, intent) == [("authorize", 10_000), ("capture", 4_000), ("capture", 1_000)]


def test_who_gets_a_part_of_the_first_capture_gets_one_of_each(sdk: Any) -> None:
    account = sdk.v1.accounts.create({"type": "custom"}).id
    intent = held(sdk, destination=account, request_multicapture="if_available")
    capture, part = sdk.v1.payment_intents.capture, {"amount_to_capture": 1_000, "final_capture": False}
    first = capture(intent.id, {**part, "application_fee_amount": 10})
    assert first.application_fee_amount == 10
    with pytest.raises(stripe.InvalidRequestError) as caught:
        capture(intent.id, part)
    assert (caught.value.code, caught.value.param) == ("parameter_missing", "application_fee_amount")
    assert capture(intent.id, {**part, "application_fee_amount": 20}).amount_received == 2_000
    assert capture(intent.id, {"amount_to_capture": 0}).status == "succeeded", "closing takes nothing"


@pytest.mark.parametrize(
    ("card", "options", "amount", "code"),
    [
        ("pm_card_visa", {}, 20_000, "payment_intent_invalid_parameter"),
        (
            "pm_card_jcb",
            {"request_incremental_authorization": "if_available"},
            20_000,
            "payment_intent_invalid_parameter",
        ),
        ("pm_card_visa", {"request_incremental_authorization": "never"}, 20_000, "payment_intent_invalid_parameter"),
        (
            "pm_card_visa",
            {"request_incremental_authorization": "if_available"},
            10_000,
            "payment_intent_invalid_parameter",
        ),
        (
            "pm_card_visa",
            {"request_incremental_authorization": "if_available"},
            9_999,
            "payment_intent_invalid_parameter",
        ),
        ("pm_card_visa", {"request_incremental_authorization": "if_available"}, 10**8, "amount_too_large"),
    ],
)
def test_what_cannot_be_raised(sdk: Any, card: str, options: dict[str, str], amount: int, code: str) -> None:
    intent = held(sdk, card, **options)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.payment_intents.increment_authorization(intent.id, {"amount": amount, "description": "no"})
    assert caught.value.code == code
    after = sdk.v1.payment_intents.retrieve(intent.id)
    assert (after.amount, after.amount_capturable, after.description) == (10_000, 10_000, None)


def test_ten_times_and_not_after_a_capture(sdk: Any) -> None:
    both = dict.fromkeys(("request_incremental_authorization", "request_multicapture"), "if_available")
    intent = held(sdk, **both)
    raise_ = sdk.v1.payment_intents.increment_authorization
    for more in range(1, 11):
        raised = raise_(intent.id, {"amount": 10_000 + more, "expand": ["latest_charge"]})
        assert (raised.amount, raised.latest_charge.amount) == (10_000 + more, 10_000 + more)
        assert raised.latest_charge.id == intent.latest_charge.id
        assert of_card(raised).capture_before == of_card(intent).capture_before
    with pytest.raises(stripe.InvalidRequestError, match="10 times"):
        raise_(intent.id, {"amount": 20_000})
    other = held(sdk, **both)
    sdk.v1.payment_intents.capture(other.id, {"amount_to_capture": 1, "final_capture": False})
    with pytest.raises(stripe.InvalidRequestError, match="after a capture"):
        raise_(other.id, {"amount": 20_000})


def test_refunds_by_the_sdk_and_the_gateways_book(running: Running, sdk: Any) -> None:
    paid = sdk.v1.payment_intents.create({**USD, "capture_method": "automatic", "payment_method": "pm_card_visa"})
    refund = sdk.v1.refunds.create({"payment_intent": paid.id, "amount": 4_000, "reason": "duplicate"})
    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 4_000, paid.latest_charge.id)
    rest = sdk.v1.refunds.create({"charge": paid.latest_charge.id, "expand": ["charge", "balance_transaction"]})
    assert (rest.amount, rest.charge.refunded, rest.balance_transaction.net) == (6_000, True, -6_000)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.refunds.create({"payment_intent": paid.id})
    assert caught.value.code == "charge_already_refunded"
    assert sdk.v1.refunds.update(refund.id, {"metadata": {"a": "b"}}).metadata["a"] == "b"
    listed = sdk.v1.refunds.list({"payment_intent": paid.id, "limit": 1}).auto_paging_iter()
    assert [one.id for one in listed] == [rest.id, refund.id]
    assert booked(running, paid) == [
        ("authorize", 10_000), ("capture", 10_000), ("refund", 4_000), ("refund", 6_000),
    ]  # fmt: skip


def test_refunds_at_once_never_give_back_more_than_was_taken(running: Running, sdk: Any) -> None:
    paid = sdk.v1.payment_intents.create({**USD, "capture_method": "automatic", "payment_method": "pm_card_visa"})

    def refund(_: int) -> int:
        try:
            return int(sdk.v1.refunds.create({"payment_intent": paid.id, "amount": 3_000}).amount)
        except stripe.InvalidRequestError:
            return 0

    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(refund, range(8)))
    assert sum(given) == 9_000
    assert [amount for operation, amount in booked(running, paid) if operation == "refund"] == [3_000] * 3


def test_a_refund_that_takes_its_time(running: Running, sdk: Any) -> None:
    card = {"capture_method": "automatic", "payment_method": "pm_card_pendingRefund"}
    paid = sdk.v1.payment_intents.create({**USD, **card})
    refund = sdk.v1.refunds.create({"payment_intent": paid.id, "amount": 4_000})
    assert (refund.status, refund.pending_reason, refund.balance_transaction) == ("pending", "processing", None)
    assert sdk.v1.charges.retrieve(paid.latest_charge.id).amount_refunded == 4_000, "what is on its way is not ours"
    running.wait_for(lambda: sdk.v1.refunds.retrieve(refund.id).status == "succeeded")
    assert sdk.v1.refunds.retrieve(refund.id).balance_transaction is not None
    rest = sdk.v1.refunds.create({"payment_intent": paid.id})
    assert (rest.status, rest.amount) == ("pending", 6_000)


def test_a_refund_that_comes_back(running: Running, sdk: Any) -> None:
    card = {"capture_method": "automatic", "payment_method": "pm_card_refundFail"}
    paid = sdk.v1.payment_intents.create({**USD, **card})
    refund = sdk.v1.refunds.create({"payment_intent": paid.id})
    assert refund.status == "succeeded"
    running.wait_for(lambda: sdk.v1.refunds.retrieve(refund.id).status == "failed")
    failed = sdk.v1.refunds.retrieve(refund.id)
    assert (failed.failure_reason, failed.balance_transaction) == ("lost_or_stolen_card", refund.balance_transaction)
    moved = sdk.v1.balance_transactions.retrieve(failed.failure_balance_transaction)
    assert (moved.type, moved.amount, moved.source) == ("refund_failure", refund.amount, refund.id)
    charge = sdk.v1.charges.retrieve(paid.latest_charge.id)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert [operation for operation, _ in booked(running, paid)][-2:] == ["refund", "refund_return"]
