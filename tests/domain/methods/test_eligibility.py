"""automatic_payment_methods: which types fit an intent, and that a change makes others fit."""

from typing import Any

import pytest

from domain.methods.eligibility import eligible_types, with_automatic_types
from domain.methods.families import REUSABLE, TYPES, Family
from domain.model.commands import Update
from domain.model.payment_intent import PaymentIntent
from tests.support.builders import after, make_intent

GIVEN: dict[str, Any] = {
    "currency": "usd", "amount": 10_000, "customer": None, "manual_capture": False, "reusable": False,
    "redirects": True, "options": {},
}  # fmt: skip


def types(**given: Any) -> tuple[str, ...]:
    return eligible_types(**{**GIVEN, **given})


@pytest.mark.parametrize("currency", sorted({c for type_ in TYPES.values() for c in type_.currencies}))
def test_by_currency_and_cards_first(currency: str) -> None:
    found = types(currency=currency, amount=100_000)
    assert found[0] == "card"
    assert all(not TYPES[name].currencies or currency in TYPES[name].currencies for name in found)
    assert set(found) == {
        name for name, type_ in TYPES.items()
        if (not type_.currencies or currency in type_.currencies) and type_.family is not Family.TRANSFER
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "there", "not_there"),
    [
        ({"amount": 4_999}, {"klarna"}, {"affirm"}),
        ({"manual_capture": True}, {"card", "klarna", "cashapp"}, {"us_bank_account", "alipay"}),
        ({"reusable": True}, {"card", "us_bank_account"}, {"affirm", "zip"}),
        ({"redirects": False}, {"card", "link", "us_bank_account"}, {"klarna", "cashapp", "amazon_pay"}),
        ({"excluded": ("card", "klarna")}, {"link"}, {"card", "klarna"}),
        ({"customer": "cus_1", "options": {"customer_balance": {"funding_type": "x"}}}, {"customer_balance"}, set()),
        ({"customer": "cus_1"}, {"card"}, {"customer_balance"}),
        ({"options": {"customer_balance": {"funding_type": "x"}}}, {"card"}, {"customer_balance"}),
    ],
)
def test_by_what_the_intent_is(given: dict[str, Any], there: set[str], not_there: set[str]) -> None:
    found = set(types(**given))
    assert there <= found
    assert not_there.isdisjoint(found)


def automatic(**fields: Any) -> PaymentIntent:
    return with_automatic_types(make_intent(automatic_payment_methods={"enabled": True}, amount=10_000, **fields))


def test_a_change_makes_others_fit() -> None:
    intent = automatic()
    assert "ideal" not in intent.payment_method_types
    euros = after(intent, Update(changes={"currency": "eur"}))
    assert {"ideal", "sepa_debit"} <= set(euros.payment_method_types)
    assert "us_bank_account" not in euros.payment_method_types
    kept = after(intent, Update(changes={"setup_future_usage": "off_session"}))
    assert set(kept.payment_method_types) <= REUSABLE


def test_types_that_the_merchant_chose_stay() -> None:
    chosen = make_intent(payment_method_types=("card", "ideal"))
    assert after(chosen, Update(changes={"amount": 9_000})).payment_method_types == ("card", "ideal")
