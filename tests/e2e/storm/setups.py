"""SetupIntents in the storm: a card or an account is set up, perhaps by rivals, and pays off session if it was."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import stripe

from tests.e2e.storm.order import CARDS, RETURN, GaveUp, Order
from tests.e2e.storm.shop import PATIENCE_SECONDS, PAUSE_SECONDS, Deed

IBAN = "AT611904300234573201"
OWNER = {"name": "Jenny", "email": "succeed_immediately@example.com"}
TO_SET_UP = {
    "ok": CARDS["ok"], "declined": CARDS["declined"], "challenge": "pm_card_authenticationRequiredOnSetup",
}  # fmt: skip
"""The bank of the last one asks once; what was set up pays without."""

NEWS_SECONDS_MAX = 15
"""Longer than the gateway keeps news that come late."""

MANDATE: Any = {"customer_acceptance": {"type": "offline"}}


def set_up_and_charged(order: Order, amount: int) -> None:
    """One after the other."""
    customer = _customer(order)
    method = order.dice.choices(["ok", "challenge", "declined", "debit"], [4, 3, 1, 2])[0]
    _create(order, customer, method, confirm=True)
    if method == "challenge":
        _authenticate(order, yes=order.dice.random() < 0.8)
    _charge(order, customer, method, amount)


def set_up_by_rivals(order: Order, amount: int) -> None:
    """Two to four commands to one SetupIntent at once."""
    customer = _customer(order)
    method = order.dice.choice(["ok", "challenge"])
    _create(order, customer, method, confirm=False)
    names = order.dice.choices(["confirm", "cancel", "update"], [3, 2, 2], k=order.dice.choice([2, 2, 3, 4]))
    compete(order, names, [order.dice.uniform(0, 0.3) for _ in names])
    if method == "challenge":
        _authenticate(order, yes=True)
    _charge(order, customer, method, amount)


def compete(order: Order, names: Sequence[str], pauses: Sequence[float]) -> None:
    """Each from a client of its own."""
    commands: dict[str, Callable[[Order], Deed]] = {"confirm": _confirm, "cancel": _cancel, "update": _note}

    def run(place: int) -> None:
        time.sleep(pauses[place])
        try:
            commands[names[place]](order.beside(f"setup-{place}"))
        except GaveUp:
            return

    with ThreadPoolExecutor(len(names)) as clients:
        for done in [clients.submit(run, place) for place in range(len(names))]:
            done.result()


def _customer(order: Order) -> str:
    made = order.ask("customer", lambda client, options: client.v1.customers.create({"name": "Jenny"}, options))
    return str(made.result["id"])


def _create(order: Order, customer: str, method: str, *, confirm: bool) -> None:
    given: dict[str, Any] = {"customer": customer, "metadata": {"order": order.number}, "return_url": RETURN}
    if method == "debit":
        given |= {
            "allowed_payment_method_types": ["sepa_debit"], "mandate_data": MANDATE,
            "payment_method_data": {"type": "sepa_debit", "sepa_debit": {"iban": IBAN}, "billing_details": OWNER},
        }  # fmt: skip
    else:
        given |= {"allowed_payment_method_types": ["card"], "payment_method": TO_SET_UP[method]}
    given |= {"confirm": True} if confirm else {}
    if not confirm:
        given.pop("return_url")
    deed = order.ask_of_setup("create", lambda client, options: client.v1.setup_intents.create(given, options))
    assert deed.shown is not None, f"a SetupIntent that is not to be refused: {deed}"
    order.setup = str(deed.shown["id"])


def _confirm(order: Order) -> Deed:
    given: Any = {"return_url": RETURN}
    return order.ask_of_setup("confirm", lambda c, options: c.v1.setup_intents.confirm(order.setup, given, options))


def _cancel(order: Order) -> Deed:
    return order.ask_of_setup("cancel", lambda c, options: c.v1.setup_intents.cancel(order.setup, {}, options))


def _note(order: Order) -> Deed:
    given: Any = {"metadata": {order.number.rpartition("/")[2]: "noted"}}
    return order.ask_of_setup("update", lambda c, options: c.v1.setup_intents.update(order.setup, given, options))


def _authenticate(order: Order, *, yes: bool) -> None:
    """The card's owner answers their bank, if it has asked; the news of it may come late, or be lost."""
    url = _asked_at(_settled(order))
    if url is None:
        return
    order.at_the_gateway("POST", url, json={"authenticated": yes})
    end = time.monotonic() + NEWS_SECONDS_MAX
    while time.monotonic() < end and _asked_at(_settled(order)) == url:
        time.sleep(PAUSE_SECONDS)


def _asked_at(setup: dict[str, Any]) -> str | None:
    found: str | None = ((setup.get("next_action") or {}).get("redirect_to_url") or {}).get("url")
    return found


def _settled(order: Order) -> dict[str, Any]:
    """The SetupIntent once no outcome is unknown any more."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            found: dict[str, Any] = order.shop.client.v1.setup_intents.retrieve(order.setup).to_dict()
        except stripe.StripeError:
            time.sleep(PAUSE_SECONDS)
            continue
        if found["status"] != "processing":
            return found
        time.sleep(PAUSE_SECONDS)
    order.shop.unanswered.append(f"{order.setup} was processing for minutes")
    raise GaveUp


def _charge(order: Order, customer: str, method: str, amount: int) -> None:
    """Off session, as its owner has agreed to; of what was not set up, nothing is charged."""
    found = _settled(order)
    if found["status"] != "succeeded":
        return
    debit = method == "debit"
    if debit:
        order.expect("settle")
    deed = order.create(
        amount, "debit" if debit else "ok", customer=customer, payment_method=found["payment_method"], off_session=True,
        currency="eur" if debit else "usd", allowed_payment_method_types=["sepa_debit" if debit else "card"],
        **({"mandate": found["mandate"]} if debit else {}),
    )  # fmt: skip
    assert deed.shown is not None, f"a payment by what was set up: {deed}"
