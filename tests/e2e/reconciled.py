"""Payments of every family, for reconciliation to look at: finished ones, and ones in the middle of something."""

from typing import Any

from domain.methods.families import TYPES, Family
from tests.e2e.conftest import Running
from tests.e2e.test_bank_transfers import asked, customer_of, fund
from tests.e2e.test_disputes import disputed
from tests.e2e.test_families import answered, confirmed, fast_forward, reached, verified
from tests.e2e.test_vouchers import shown

CARD = {"amount": 1_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
HOLD = {**CARD, "capture_method": "manual"}
MULTICAPTURE = {"payment_method_options": {"card": {"request_multicapture": "if_available"}}}
INCREMENTAL = {"payment_method_options": {"card": {"request_incremental_authorization": "if_available"}}}


def of(family: Family) -> list[str]:
    """The types of a family."""
    return sorted(name for name, type_ in TYPES.items() if type_.family is family)


def enrich(running: Running) -> None:
    """One payment of every family and of every end that it may have."""
    client = running.client()
    intents, refund = client.v1.payment_intents, client.v1.refunds.create
    intents.create({"amount": 1_000, "currency": "usd"})
    intents.cancel(intents.create({"amount": 1_000, "currency": "usd"}).id)
    paid = intents.create(CARD)
    refund({"payment_intent": paid.id, "amount": 300})
    refund({"payment_intent": paid.id})
    intents.cancel(intents.create(HOLD).id)
    intents.capture(intents.create(HOLD).id, {"amount_to_capture": 400})
    several = intents.create({**HOLD, **MULTICAPTURE})
    for amount, final in ((300, False), (200, False), (100, True)):
        intents.capture(several.id, {"amount_to_capture": amount, "final_capture": final})
    started = intents.create({**HOLD, **MULTICAPTURE})
    intents.capture(started.id, {"amount_to_capture": 300, "final_capture": False})
    intents.cancel(started.id)
    raised = intents.create({**HOLD, **INCREMENTAL})
    intents.increment_authorization(raised.id, {"amount": 1_500})
    expired = intents.create(HOLD)
    fast_forward(client, expired, days=8)
    customer = customer_of(client)
    intents.create({**CARD, "customer": customer, "setup_future_usage": "off_session"})
    saved = client.v1.payment_methods.list({"customer": customer}).data[0].id
    for _ in range(2):
        intents.create({**CARD, "customer": customer, "payment_method": saved, "off_session": True})
    declined(client)
    for card in ("pm_card_pendingRefund", "pm_card_refundFail"):
        refunded = intents.create({**CARD, "payment_method": card})
        one = refund({"payment_intent": refunded.id})
        ends = "failed" if "Fail" in card else "succeeded"
        running.wait_for(lambda one=one, ends=ends: client.v1.refunds.retrieve(one.id).status == ends)
    disputed(client, intents.create({**CARD, "payment_method": "pm_card_createDispute"}))
    others(client)
    transfers(running, client)


def declined(client: Any) -> None:
    """Two declined cards, and then one that is not."""
    import stripe

    intent = client.v1.payment_intents.create({"amount": 1_000, "currency": "usd"})
    for card in ("pm_card_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds"):
        try:
            client.v1.payment_intents.confirm(intent.id, {"payment_method": card, "return_url": "https://shop.example"})
        except stripe.CardError:
            continue
    client.v1.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_visa", "return_url": "https://shop.example"}
    )


def others(client: Any) -> None:
    """Redirects, debits, vouchers and codes: paid, failed, returned, and expired."""
    for type_ in ("ideal", "klarna", "sofort"):
        intent = confirmed(client, type_)
        answered(intent, authorized=True)
        reached(client, intent, "succeeded")
    gone = confirmed(client, "eps")
    answered(gone, authorized=False)
    reached(client, gone, "requires_payment_method")
    confirmed(client, "link")
    for type_ in ("sepa_debit", "us_bank_account"):
        reached(client, verified(client, confirmed(client, type_)), "succeeded")
    returned = confirmed(client, "sepa_debit", {"iban": "AT861904300235473202"})
    reached(client, returned, "requires_payment_method")
    for type_ in ("boleto", "konbini", "pix", "cashapp"):
        reached(client, shown(client, type_, "succeed_immediately@example.com"), "succeeded")
    lapsed = shown(client, "oxxo", "expire_immediately@example.com")
    reached(client, lapsed, "requires_payment_method")
    client.v1.payment_intents.cancel(shown(client, "multibanco").id)


def transfers(running: Running, client: Any) -> None:
    """Bank transfers: paid from what was there, from what came, in part, refunded, and canceled."""
    first = customer_of(client)
    fund(client, first, 3_000)
    paid = asked(client, first, 2_000)
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 500})
    partly = asked(client, first, 5_000)
    fund(client, first, 1_000)
    running.wait_for(lambda: client.v1.payment_intents.retrieve(partly.id).status == "requires_action")
    second = customer_of(client)
    awaited = asked(client, second, 700)
    fund(client, second, 900)
    reached(client, awaited, "succeeded")
    canceled = asked(client, second, 5_000)
    client.v1.payment_intents.cancel(canceled.id)


def under_way(client: Any) -> None:
    """What waits for somebody: buyers, banks, merchants."""
    intents = client.v1.payment_intents
    intents.create({**CARD, "payment_method": "pm_card_authenticationRequired", "return_url": "https://shop.example"})
    intents.create(HOLD)
    confirmed(client, "ideal")
    confirmed(client, "us_bank_account")
    confirmed(client, "sepa_debit", {"iban": "AT321904300235473204"})
    for type_ in ("boleto", "pix"):
        shown(client, type_)
    asked(client, customer_of(client), 400)
