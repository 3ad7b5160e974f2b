"""One payment, as its merchant and its buyer make it: each step is asked for, answered, and written down."""

import random  # noqa: TID251
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import stripe

from tests.e2e.conftest import SECRET
from tests.e2e.storm.model import Payment
from tests.e2e.storm.shop import PATIENCE_SECONDS, PAUSE_SECONDS, Deed, Shop

RETURN = "https://shop.example/done"
CARDS = {
    "ok": "pm_card_visa", "declined": "pm_card_visa_chargeDeclined", "challenge": "pm_card_authenticationRequired",
    "challenge_declined": "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
}  # fmt: skip
"""How the model calls a method, and a card that is one."""

FLEXIBLE = {
    "card": {"request_incremental_authorization": "if_available", "request_multicapture": "if_available"},
}
"""A hold that can be raised, and captured in parts."""

Call = Callable[[Any, dict[str, str]], Any]


class GaveUp(Exception):
    """A careless client got no answer, and does not ask again."""


@dataclass
class Order:
    """`number` finds it again in the books (metadata), whatever its client has been told of it."""

    shop: Shop
    number: str
    dice: random.Random
    careless: bool = False
    """Gives up after the first failure, in some of its steps."""
    first: Payment = field(default_factory=lambda: Payment("requires_payment_method", 0))
    id: str = ""
    setup: str = ""
    """The SetupIntent that comes before its payment, where one does."""
    last: dict[str, Any] = field(default_factory=dict)
    """The PaymentIntent as this client was last shown it."""

    _keys: int = 0

    def ask(self, name: str, call: Call, **given: Any) -> Deed:
        """One step.

        Raises:
            GaveUp: nobody answered, and it will not be tried again.
        """
        return self._ask(name, call, self.careless and self.dice.random() < 0.5, **given)

    def ask_once(self, name: str, call: Call, **given: Any) -> Deed:
        """One step of a client that never repeats anything.

        Raises:
            GaveUp: nobody answered.
        """
        return self._ask(name, call, once=True, **given)

    def _ask(self, name: str, call: Call, once: bool, **given: Any) -> Deed:
        self._keys += 1
        deed = self.shop.ask(name, f"{self.number}-{self._keys}", call, self.id or self.number, once=once, **given)
        if deed.status == 0:
            raise GaveUp
        self.last = deed.result if deed.status == 200 and deed.shown is not None else {}
        return deed

    def ask_of_setup(self, name: str, call: Call) -> Deed:
        """One step of the SetupIntent.

        Raises:
            GaveUp: nobody answered, and it will not be tried again.
        """
        self._keys += 1
        key, once = f"{self.number}-{self._keys}", self.careless and self.dice.random() < 0.5
        deed = self.shop.ask(name, key, call, self.setup or setup_of(self.number), once=once)
        if deed.status == 0:
            raise GaveUp
        return deed

    def create(self, amount: int, method: str | None, confirm: bool = True, **more: Any) -> Deed:
        """A new PaymentIntent, by card unless `more` says otherwise; confirmed or not."""
        given: dict[str, Any] = {"amount": amount, "currency": "usd", "metadata": {"order": self.number}, **more}
        if method in CARDS and "payment_method" not in more:
            given["payment_method"] = CARDS[method]
        if confirm:
            given["confirm"] = True
        if str(method).startswith("challenge"):
            given["return_url"] = RETURN
        flexible = "payment_method_options" in more and more["payment_method_options"] == FLEXIBLE
        self.first = Payment(
            status="requires_confirmation" if method else "requires_payment_method",
            amount=amount, method=method, manual=more.get("capture_method") == "manual", several=flexible,
        )  # fmt: skip
        name = "confirm" if confirm else "create"
        if not confirm:
            given.pop("return_url", None)
        deed = self.ask(name, lambda client, options: client.v1.payment_intents.create(given, options))
        if deed.shown is not None:
            self.id = str(deed.shown["id"])
        return deed

    def confirm(self, method: str | None = None) -> Deed:
        """Confirm, with another card if one is named."""
        given = {"return_url": RETURN, **({"payment_method": CARDS[method]} if method else {})}
        told = {"method": method} if method else {}
        return self.ask("confirm", lambda c, options: c.v1.payment_intents.confirm(self.id, given, options), **told)

    def capture(self, amount: int, more: bool = False) -> Deed:
        """Take `amount`; with `more`, the hold stays open for another capture."""
        given = {"amount_to_capture": amount, **({"final_capture": False} if more else {})}
        return self.ask(
            "capture",
            lambda c, options: c.v1.payment_intents.capture(self.id, given, options),
            amount=amount,
            more=more,
        )

    def cancel(self) -> Deed:
        """End it."""
        return self.ask("cancel", lambda c, options: c.v1.payment_intents.cancel(self.id, {}, options))

    def increment(self, amount: int) -> Deed:
        """Raise the hold to `amount`."""
        given = {"amount": amount}
        return self.ask(
            "increment", lambda c, options: c.v1.payment_intents.increment_authorization(self.id, given, options),
            amount=amount,
        )  # fmt: skip

    def refund(self, amount: int, **more: Any) -> Deed:
        """Give back `amount`."""
        given = {"payment_intent": self.id, "amount": amount, **more}
        return self.ask("refund", lambda c, options: c.v1.refunds.create(given, options), amount=amount)

    def note(self, *names: str) -> Deed:
        """Change what moves no money: one metadata key for each name."""
        given = {"metadata": dict.fromkeys(names, "noted")}
        return self.ask("update", lambda c, options: c.v1.payment_intents.update(self.id, given, options), notes=names)

    def change_amount(self, amount: int) -> Deed:
        """Change what is to be paid."""
        given = {"amount": amount}
        return self.ask(
            "update", lambda c, options: c.v1.payment_intents.update(self.id, given, options), amount=amount
        )

    def fund(self, customer: str, amount: int) -> Deed:
        """A bank transfer of the buyer's comes in."""
        given = {"amount": amount, "currency": "usd"}
        return self.ask(
            "fund", lambda c, options: c.v1.test_helpers.customers.fund_cash_balance(customer, given, options),
            amount=amount,
        )  # fmt: skip

    def pass_time(self, days: int) -> Deed:
        """Move the payment's own clock."""
        path = f"{self.shop.running.url}/v1/test_helpers/payment_intents/{self.id}/fast_forward"

        def call(_: Any, options: dict[str, str]) -> Any:
            headers = {"Idempotency-Key": options["idempotency_key"]}
            data = {"seconds": str(days * 86_400)}
            return as_the_sdk_does(self.shop.http, path, auth=(SECRET, ""), data=data, headers=headers)

        return self.ask("expire", call)

    def authenticate(self, yes: bool = True) -> None:
        """The buyer answers their bank, once the bank has asked; the first answer counts."""
        intent = self.settled()
        action = intent.get("next_action") or {}
        url = (action.get("redirect_to_url") or {}).get("url")
        if url is None:
            return
        began = time.monotonic()
        state = self.at_the_gateway("POST", url, json={"authenticated": yes})["state"]
        self.shop.witness("authenticate", self.id, began, authenticated=state == "authenticated")

    def pay_shown_voucher(self) -> None:
        """The buyer pays at the counter, if a voucher is shown."""
        action = self.settled().get("next_action") or {}
        page = (action.get("oxxo_display_details") or {}).get("hosted_voucher_url")
        if page:
            self._pay_voucher(str(page))

    def _pay_voucher(self, page: str) -> None:
        began = time.monotonic()
        self.at_the_gateway("POST", f"{page}/result", data={"result": "pay"})
        self.shop.witness("settle", self.id, began, voucher=page.rpartition("/")[2])

    def expect(self, name: str, **given: Any) -> None:
        """The gateway will do this by itself, some time after now; said before it is asked, as it may do so unheard."""
        self.shop.witness(name, self.id or self.number, time.monotonic(), **given)

    def settled(self) -> dict[str, Any]:
        """Wait until no outcome is unknown any more; the PaymentIntent, as far as it is then."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if self.last.get("status", "processing") != "processing":
                return self.last
            try:
                self.last = self.shop.client.v1.payment_intents.retrieve(self.id).to_dict()
            except stripe.StripeError:
                time.sleep(PAUSE_SECONDS)
                continue
            if self.last["status"] == "processing":
                time.sleep(PAUSE_SECONDS)
        self.shop.unanswered.append(f"{self.id} was processing for minutes")
        raise GaveUp

    def beside(self, key: str) -> "Order":
        """The same payment in the hands of another client, whose keys are its own."""
        return replace(
            self, number=f"{self.number}/{key}", dice=random.Random(f"{self.number}/{key}"), _keys=0, last={}
        )

    def at_the_gateway(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        """Until the gateway answers."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                response = self.shop.http.request(method, url, **more)
            except httpx.HTTPError:
                time.sleep(PAUSE_SECONDS)
                continue
            if response.is_success:
                return dict(response.json())
            if response.is_redirect:
                return {}
            time.sleep(PAUSE_SECONDS)
        raise GaveUp


def setup_of(number: str) -> str:
    """Whose deeds they are, until the SetupIntent of this order has an id."""
    return f"{number}/setup"


class Given(dict[str, Any]):
    """A plain answer, with what the SDK's objects have."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


def as_the_sdk_does(http: httpx.Client, url: str, **more: Any) -> Given:
    """POST to a path that the SDK does not have; failures as the SDK raises them."""
    try:
        response = http.post(url, **more)
    except httpx.HTTPError as error:
        raise stripe.APIError(str(error)) from error
    if response.is_success:
        return Given(response.json())
    body = response.json() if response.headers.get("content-type", "").startswith("application/json") else {}
    raise stripe.APIError(response.text, http_status=response.status_code, json_body=body)
