"""Vouchers and codes through the official SDK on real parts: paid, expired, failed, withdrawn, replaced."""

from typing import Any

import pytest
import stripe

from domain.methods.families import TYPES, Family
from domain.model.refunds import WayBack, way_back
from tests.e2e.conftest import PUBLISHABLE, Running
from tests.e2e.test_families import currency_of, fast_forward, reached
from tests.e2e.test_webhooks import written
from tests.support import patient

SHOWN = sorted(name for name, type_ in TYPES.items() if type_.family in (Family.VOUCHER, Family.CODE))
VOUCHERS = sorted(name for name in SHOWN if TYPES[name].family is Family.VOUCHER)
DATA: dict[str, dict[str, Any]] = {"boleto": {"tax_id": "000.000.000-00"}}
OPTIONS: dict[str, dict[str, Any]] = {"blik": {"code": "123456"}, "wechat_pay": {"client": "web"}}
EXPIRED = "payment_intent_payment_attempt_expired"
FAILED = "payment_intent_payment_attempt_failed"


def shown(client: Any, type_: str, buyer: str = "fill_never@example.com", **more: Any) -> Any:
    """A PaymentIntent of this type, confirmed; its buyer behaves as their address says."""
    data = {"type": type_, type_: DATA.get(type_, {}), "billing_details": {"name": "Jenny Rosen", "email": buyer}}
    return client.v1.payment_intents.create(
        {
            "amount": 2_000, "currency": currency_of(type_), "allowed_payment_method_types": [type_],
            "payment_method_data": data, "payment_method_options": {type_: OPTIONS.get(type_, {})}, "confirm": True,
            **more,
        }
    )  # fmt: skip


def page_of(intent: Any) -> str:
    """Where the buyer reads how to pay."""
    there = intent.next_action[intent.next_action.type].to_dict()
    return str(there.get("hosted_voucher_url") or there.get("hosted_instructions_url") or there.get("native_url"))


def booked(running: Running, intent: Any) -> list[str]:
    """What the gateway did about the latest charge."""
    return [entry["operation"] for entry in running.entries(intent.latest_charge)]


@pytest.mark.parametrize("type_", SHOWN)
def test_it_succeeds_when_the_buyer_has_paid(running: Running, type_: str) -> None:
    client = running.client()
    intent = shown(client, type_, "succeed_immediately@example.com")
    assert (intent.status, intent.next_action.type) == ("requires_action", TYPES[type_].next_action)
    assert (intent.latest_charge, intent.amount_received) == (None, 0)
    paid = reached(client, intent, "succeeded")
    assert (paid.amount_received, paid.next_action, paid.last_payment_error) == (2_000, None, None)
    charge = client.v1.charges.retrieve(paid.latest_charge)
    assert (charge.paid, charge.payment_method_details.type) == (True, type_)
    assert booked(running, paid) == ["authorize", "capture"]
    assert [event["type"] for event in written(client, intent.id)] == [
        "payment_intent.created", "payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded",
    ]  # fmt: skip
    if way_back(type_) is WayBack.NEVER:
        with pytest.raises(stripe.InvalidRequestError, match="does not support refunds"):
            client.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
        return
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    assert refund.status == ("requires_action" if way_back(type_) is WayBack.BANK else "succeeded")


@pytest.mark.parametrize(("buyer", "code"), [("expire_immediately", EXPIRED), ("fail_immediately", FAILED)])
@pytest.mark.parametrize("type_", SHOWN)
def test_it_needs_another_method_when_the_buyer_has_not(running: Running, type_: str, buyer: str, code: str) -> None:
    client = running.client()
    intent = shown(client, type_, f"{buyer}@example.com")
    failed = reached(client, intent, "requires_payment_method")
    assert (failed.last_payment_error.code, failed.last_payment_error.payment_method.type) == (code, type_)
    assert (failed.payment_method, failed.latest_charge, failed.amount_received) == (None, None, 0)
    assert [event["type"] for event in written(client, intent.id)][-1] == "payment_intent.payment_failed"


@pytest.mark.parametrize("type_", SHOWN)
def test_canceled_it_can_not_be_paid_any_more(running: Running, type_: str) -> None:
    client = running.client()
    intent = shown(client, type_)
    page = page_of(intent) if type_ != "blik" else ""
    assert client.v1.payment_intents.cancel(intent.id).status == "canceled"
    if page:
        assert "nothing to pay" in patient.get(page).text
        patient.post(f"{page}/result", data={"result": "pay"})
    assert client.v1.payment_intents.retrieve(intent.id).amount_received == 0


@pytest.mark.parametrize("type_", sorted(set(SHOWN) - {"blik"}))
def test_the_page_shows_how_to_pay_and_takes_a_test_payment(running: Running, type_: str) -> None:
    client = running.client()
    intent = shown(client, type_, "fill_never@example.com")
    page = page_of(intent)
    assert "Authorize test payment" in patient.get(page).text
    for kind, start in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        assert patient.get(f"{page}/qr.{kind}").content.startswith(start)
    assert patient.post(f"{page}/result", data={"result": "pay"}).status_code == 303
    assert reached(client, intent, "succeeded").amount_received == 2_000
    assert "nothing to pay" in patient.get(page).text


@pytest.mark.parametrize("type_", SHOWN)
def test_unpaid_when_the_time_is_up_it_has_failed(running: Running, type_: str) -> None:
    client = running.client()
    intent = shown(client, type_)
    fast_forward(client, intent, 8)
    failed = reached(client, intent, "requires_payment_method")
    assert failed.last_payment_error.code == EXPIRED


@pytest.mark.parametrize("type_", VOUCHERS)
def test_paid_in_time_it_succeeds_though_nobody_said_so_before_the_time_was_up(running: Running, type_: str) -> None:
    client = running.client()
    intent = shown(client, type_, "jenny@example.com")
    fast_forward(client, intent, 8)
    assert reached(client, intent, "succeeded").amount_received == 2_000


def test_a_konbini_buyer_behaves_as_their_confirmation_number_says(running: Running) -> None:
    client = running.client()
    options = {"konbini": {"confirmation_number": "22222222220"}}
    paid = shown(client, "konbini", payment_method_options=options)
    stores = paid.next_action.konbini_display_details.stores
    assert stores.lawson.confirmation_number == "22222222220"
    reached(client, paid, "succeeded")
    options = {"konbini": {"confirmation_number": "33333333330"}}
    reached(client, shown(client, "konbini", payment_method_options=options), "requires_payment_method")


def test_a_voucher_is_good_until_the_end_of_the_day_that_was_asked_for(running: Running) -> None:
    client = running.client()
    three = shown(client, "oxxo").next_action.oxxo_display_details.expires_after
    intent = shown(client, "oxxo", payment_method_options={"oxxo": {"expires_after_days": 10}})
    assert intent.payment_method_options.oxxo.expires_after_days == 10
    assert intent.next_action.oxxo_display_details.expires_after - three == 7 * 86_400


def test_blik_needs_the_code_from_the_buyers_bank(running: Running) -> None:
    client = running.client()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shown(client, "blik", payment_method_options={})
    assert (caught.value.code, caught.value.param) == ("parameter_missing", "payment_method_options[blik][code]")


def test_wechat_pay_opens_the_app_where_the_buyer_is_on_a_phone(running: Running) -> None:
    client = running.client()
    for phone, action in (("ios", "wechat_pay_redirect_to_ios_app"), ("android", "wechat_pay_redirect_to_android_app")):
        options = {"wechat_pay": {"client": phone, **({"app_id": "wx1"} if phone == "android" else {})}}
        intent = shown(client, "wechat_pay", payment_method_options=options)
        assert intent.next_action.type == action


def test_cashapp_can_be_held_and_captured_later(running: Running) -> None:
    client = running.client()
    intent = shown(client, "cashapp", "succeed_immediately@example.com", capture_method="manual")
    held = reached(client, intent, "requires_capture")
    assert (held.amount_capturable, booked(running, held)) == (2_000, ["authorize"])
    assert client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 700}).amount_received == 700


def test_a_buyer_who_turns_to_a_card_pays_once(running: Running) -> None:
    client = running.client()
    intent = shown(client, "boleto", allowed_payment_method_types=["boleto", "card"])
    page = page_of(intent)
    paid = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.amount_received) == ("succeeded", 2_000)
    assert "nothing to pay" in patient.get(page).text
    patient.post(f"{page}/result", data={"result": "pay"})
    assert booked(running, paid) == ["authorize", "capture"]
    assert client.v1.charges.retrieve(paid.latest_charge).payment_method_details.type == "card"


def test_a_card_does_not_take_the_place_of_what_was_just_paid(running: Running) -> None:
    client = running.client()
    intent = shown(client, "boleto", allowed_payment_method_types=["boleto", "card"])
    patient.post(f"{page_of(intent)}/result", data={"result": "pay"})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert caught.value.code == "payment_intent_unexpected_state"
    paid = reached(client, intent, "succeeded")
    assert client.v1.charges.retrieve(paid.latest_charge).payment_method_details.type == "boleto"
    attempts = client.v1.charges.list({"payment_intent": intent.id}).data
    assert [charge.id for charge in attempts] == [paid.latest_charge]
    assert booked(running, paid) == ["authorize", "capture"]


def test_what_can_be_paid_at_any_moment_is_withdrawn_before_its_amount_changes(running: Running) -> None:
    client = running.client()
    intent = shown(client, "oxxo")
    assert client.v1.payment_intents.update(intent.id, {"description": "later"}).next_action is not None
    changed = client.v1.payment_intents.update(intent.id, {"amount": 3_000})
    assert (changed.status, changed.next_action, changed.amount) == ("requires_confirmation", None, 3_000)
    again = client.v1.payment_intents.confirm(intent.id)
    assert (again.status, again.amount) == ("requires_action", 3_000)
    assert page_of(again) != page_of(intent)


def test_a_browser_may_ask_for_a_voucher(running: Running) -> None:
    client, browser = running.client(), running.client(api_key=PUBLISHABLE)
    intent = client.v1.payment_intents.create(
        {"amount": 2_000, "currency": "mxn", "allowed_payment_method_types": ["oxxo"]}
    )
    data = {"type": "oxxo", "billing_details": {"name": "J", "email": "succeed_immediately@example.com"}}
    asked = browser.v1.payment_intents.confirm(
        intent.id, {"client_secret": intent.client_secret, "payment_method_data": data}
    )
    assert asked.next_action.oxxo_display_details.number
    reached(client, intent, "succeeded")
