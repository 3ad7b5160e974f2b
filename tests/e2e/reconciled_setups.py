"""SetupIntents of every way that one goes, for reconciliation to look at: finished, and in the middle of something."""

from typing import Any

import stripe

from tests.e2e.conftest import Running
from tests.e2e.test_bank_transfers import customer_of
from tests.e2e.test_setup_intents import CARDS, CONSENT, RETURN, answer, until

OWNER = {"name": "Jenny Rosen", "email": "jenny@example.com"}
US_ACCOUNT = {"routing_number": "110000000", "account_number": "000123456789", "account_holder_type": "individual"}


def set_up(client: Any, **given: Any) -> Any:
    """A SetupIntent, confirmed at once, for a customer of its own."""
    return client.v1.setup_intents.create({"customer": customer_of(client), "confirm": True, **given})


def of_type(client: Any, type_: str, account: Any = None, **given: Any) -> Any:
    """One of another type than card."""
    data = {"type": type_, type_: account or {}, "billing_details": OWNER}
    form = {"allowed_payment_method_types": [type_], "payment_method_data": data, "mandate_data": CONSENT}
    return set_up(client, **form, **given)


def saved(client: Any, **given: Any) -> Any:
    """A card that was set up."""
    return set_up(client, **{**CARDS, "payment_method": "pm_card_visa", **given})


def challenged(client: Any) -> Any:
    """A card whose owner is asked."""
    return set_up(client, **CARDS, payment_method="pm_card_threeDSecure2Required", **RETURN)


def proving(client: Any) -> Any:
    """An account whose owner is to say what was deposited."""
    return of_type(client, "us_bank_account", US_ACCOUNT)


def enrich_setups(running: Running) -> None:
    """One of every end that they may have."""
    client = running.client()
    setups = client.v1.setup_intents
    saved(client)
    setups.create({**CARDS, "payment_method": "pm_card_visa", "confirm": True})
    setups.create({**CARDS, "payment_method": "pm_card_visa", "confirm": True, "attach_to_self": True})
    detached = saved(client)
    client.v1.payment_methods.detach(detached.payment_method)
    client.v1.customers.delete(saved(client).customer)
    for authenticated, status in ((True, "succeeded"), (False, "requires_payment_method")):
        asked = challenged(client)
        answer(running, asked, authenticated=authenticated)
        until(client, asked.id, status)
    for type_ in ("ideal", "paypal"):
        away = of_type(client, type_, **RETURN)
        answer(running, away)
        until(client, away.id, "succeeded")
    of_type(client, "sepa_debit", {"iban": "DE89370400440532013000"})
    of_type(client, "sepa_debit", {"iban": "DE89370400440532013000"}, single_use={"amount": 500, "currency": "eur"})
    declined_then_saved(client)
    proven(client)
    setups.cancel(setups.create().id)
    setups.cancel(challenged(client).id)
    again = challenged(client)
    setups.confirm(again.id, {"payment_method": "pm_card_visa", **RETURN})
    setups.update(saved(client).id, {"metadata": {"order": "1"}})


def declined_then_saved(client: Any) -> None:
    """Two declined cards, and then one that is not."""
    setup = client.v1.setup_intents.create({**CARDS, "customer": customer_of(client)})
    for card in ("pm_card_chargeDeclined", "pm_card_chargeDeclinedExpiredCard"):
        try:
            client.v1.setup_intents.confirm(setup.id, {"payment_method": card})
        except stripe.CardError:
            continue
    client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})


def proven(client: Any) -> None:
    """An account whose owner was wrong once."""
    setup = proving(client)
    for code in ("SM99XX", "SM11AA"):
        try:
            client.v1.setup_intents.verify_microdeposits(setup.id, {"descriptor_code": code})
        except stripe.InvalidRequestError:
            continue


def setups_under_way(client: Any) -> None:
    """What waits for somebody: merchants, owners, deposits."""
    client.v1.setup_intents.create({**CARDS, "customer": customer_of(client)})
    client.v1.setup_intents.create({**CARDS, "payment_method": "pm_card_visa"})
    challenged(client)
    of_type(client, "ideal", **RETURN)
    proving(client)
