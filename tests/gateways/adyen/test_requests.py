"""What is asked of Adyen: each request is one of its specification, says what was meant, and nothing that was not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_core.exceptions import OpenAPIError

from domain.methods.card_numbers import CardInput
from domain.money.currencies import CURRENCIES
from gateways.adyen import requests
from gateways.adyen.amounts import UNCERTAIN, Unconvertible, from_adyen, to_adyen
from gateways.adyen.requests import Call
from gateways.adyen.tokens import Stored, stored
from gateways.base import GatewayRejected
from tests.gateways.adyen.effects import ACCOUNT, CAPTURE, INCREMENT, PSP, REFUND, SETUP, TOKEN, VOID, authorization
from tests.gateways.adyen.published import check_request

CARD = CardInput(number="4111111111111111", exp_month=3, exp_year=2030, cvc="737")
ENCRYPTED = {
    "encryptedCardNumber": "test_4111111111111111",
    "encryptedExpiryMonth": "test_03",
    "encryptedExpiryYear": "test_2030",
    "encryptedSecurityCode": "test_737",
}
BARE = replace(ACCOUNT, raw_cards=False, multicapture=False, increments=False)

CALLS: dict[str, Call] = {
    "capture": requests.capture(ACCOUNT, CAPTURE),
    "part": requests.capture(ACCOUNT, replace(CAPTURE, final=False)),
    "void": requests.void(ACCOUNT, VOID),
    "unidentified": requests.cancel_by_reference(ACCOUNT, "pi_1/1/authorize/end", "pi_1/1/authorize"),
    "refund": requests.refund(ACCOUNT, replace(REFUND, reason="requested_by_customer")),
    "increment": requests.increment(ACCOUNT, INCREMENT),
    "details": requests.details("X6XtfGC3!Y"),
    "set_up": requests.set_up(ACCOUNT, SETUP, "auth"),
    "store": requests.store(ACCOUNT, "pm_1", CARD),
    "encrypted": requests.store_encrypted(ACCOUNT, "pm_1", ENCRYPTED),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_each_is_one_of_adyens_specification(call: Call) -> None:
    check_request(call.path, call.body)
    with pytest.raises(OpenAPIError):
        check_request(call.path, {**call.body, "made_up": 1})


EFFECTS = st.builds(
    authorization,
    key=st.from_regex(r"(pi|seti)_[A-Za-z0-9]{24}/[0-9]{1,3}/authorize", fullmatch=True),
    amount=st.integers(1, 99_999_900),
    currency=st.sampled_from(sorted(CURRENCIES)),
    capture=st.booleans(),
    off_session=st.booleans(),
    moto=st.booleans(),
    saving=st.booleans(),
    three_d_secure=st.sampled_from(["automatic", "any", "challenge"]),
    email=st.none() | st.just("jenny@example.com") | st.just("j" * 300),
    token=st.builds(lambda shopper, id_: Stored(shopper, id_).token, st.text(min_size=3, max_size=60), st.just("K")),
)


@given(effect=EFFECTS, increments=st.booleans())
def test_so_is_every_authorization(effect: Any, increments: bool) -> None:
    try:
        call = requests.authorize(replace(ACCOUNT, increments=increments), effect, "adyenauth_x")
    except Unconvertible:
        assert effect.currency in UNCERTAIN | {"idr", "cve", "ugx"}
        return
    check_request(call.path, call.body)
    said = call.body["amount"]
    assert from_adyen(said["value"], said["currency"]) == (effect.amount, effect.currency)
    assert ("captureDelayHours" in call.body) == effect.capture
    assert call.body.get("additionalData", {}).get("manualCapture") == (None if effect.capture else "true")
    assert (call.body["shopperInteraction"] == "ContAuth") == effect.off_session


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, ("Ecommerce", "CardOnFile")),
        ({"saving": True}, ("Ecommerce", "UnscheduledCardOnFile")),
        ({"off_session": True}, ("ContAuth", "UnscheduledCardOnFile")),
        ({"moto": True}, ("Moto", "CardOnFile")),
    ],
)
def test_who_is_there_and_what_was_agreed(more: dict[str, Any], said: tuple[str, str]) -> None:
    body = requests.authorize(ACCOUNT, authorization(**more), "a").body
    assert (body["shopperInteraction"], body["recurringProcessingModel"]) == said
    assert ("authenticationData" in body) == (said[0] == "Ecommerce"), "whoever is not there cannot be authenticated"


def test_authentication_is_by_redirect_and_comes_back_to_this_engine() -> None:
    body = requests.authorize(ACCOUNT, authorization(three_d_secure="any"), "adyenauth_1.x").body
    assert body["authenticationData"] == {
        "attemptAuthentication": "always",
        "threeDSRequestData": {"nativeThreeDS": "disabled"},
    }
    back = "https://engine.example/gateways/adyen/return?payment_intent=pi_1&authentication=adyenauth_1.x"
    assert body["returnUrl"] == back


def test_nothing_is_sent_that_would_be_something_else() -> None:
    """Each is refused before anything is asked, with an error that says that nothing was done."""
    refused: list[Callable[[], Call]] = [
        lambda: requests.authorize(ACCOUNT, authorization(method_type="ideal"), "a"),
        lambda: requests.authorize(ACCOUNT, authorization(authenticated_elsewhere=True), "a"),
        lambda: requests.authorize(ACCOUNT, authorization(token="tok_visa"), "a"),
        lambda: requests.authorize(ACCOUNT, authorization(token="adyen:pm_1:"), "a"),
        lambda: requests.set_up(ACCOUNT, replace(SETUP, method_type="sepa_debit"), "a"),
        lambda: requests.capture(ACCOUNT, replace(CAPTURE, over=True)),
        lambda: requests.capture(BARE, replace(CAPTURE, final=False)),
        lambda: requests.refund(ACCOUNT, replace(REFUND, by_email=True)),
        lambda: requests.increment(BARE, INCREMENT),
        lambda: requests.store(BARE, "pm_1", CARD),
    ]
    for request in refused:
        with pytest.raises(GatewayRejected):
            request()


def test_a_card_number_is_in_no_repr() -> None:
    assert CARD.number not in repr(requests.store(ACCOUNT, "pm_1", CARD))
    assert "'k'" not in repr(ACCOUNT)
    assert "s" * 32 not in repr(ACCOUNT)


def test_modifications_name_the_payment_and_the_whole_amount() -> None:
    assert CALLS["capture"].path == f"/payments/{PSP}/captures"
    assert CALLS["capture"].body["amount"] == {"currency": "EUR", "value": 2_000}
    assert CALLS["refund"].body["merchantRefundReason"] == "CUSTOMER REQUEST"
    assert CALLS["increment"].path.endswith("/amountUpdates")
    assert CALLS["unidentified"].body["paymentReference"] == "pi_1/1/authorize"
    assert requests.void(ACCOUNT, replace(VOID, authorization="../x")).path == "/payments/..%2Fx/cancels"


@pytest.mark.parametrize(
    ("currency", "amount", "value"),
    [
        ("eur", 1_050, 1_050), ("jpy", 500, 500), ("clp", 500, 50_000), ("isk", 1_000, 1_000), ("idr", 500_000, 5_000),
        ("cve", 1_000, 10), ("ugx", 5_000, 50), ("kwd", 1_500, 1_500), ("tnd", 10, 10),
    ],
)  # fmt: skip
def test_amounts_where_adyen_counts_differently(currency: str, amount: int, value: int) -> None:
    assert to_adyen(amount, currency) == {"currency": currency.upper(), "value": value}
    assert from_adyen(value, currency.upper()) == (amount, currency)


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [("idr", 50_050, "invalid_amount"), ("bif", 100, "currency_not_supported"), ("xxx", 1, "currency_not_supported")],
)
def test_an_amount_that_adyen_has_not_is_not_rounded(currency: str, amount: int, code: str) -> None:
    with pytest.raises(Unconvertible) as refused:
        to_adyen(amount, currency)
    assert refused.value.decline_code == code


@given(currency=st.sampled_from(sorted(set(CURRENCIES) - UNCERTAIN)), amount=st.integers(0, 10**12))
def test_there_and_back_is_the_same(currency: str, amount: int) -> None:
    try:
        said = to_adyen(amount, currency)
    except Unconvertible:
        return
    assert from_adyen(int(said["value"]), str(said["currency"])) == (amount, currency)


@given(shopper=st.text(min_size=1), id_=st.text(min_size=1))
def test_a_token_keeps_shopper_and_id_apart(shopper: str, id_: str) -> None:
    assert stored(Stored(shopper, id_).token) == Stored(shopper, id_)


def test_a_token_is_not_the_engines_other_ones() -> None:
    assert TOKEN == "adyen:pm_1:KHQC5N7G84BLNK43"
