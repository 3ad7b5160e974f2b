"""What does not go together is refused when it is said, by whomever; and a debit without its payer's consent."""

from dataclasses import replace
from typing import Any

import pytest

from domain.machine.decisions import Decision, decide
from domain.machine.suitability import types_refusal
from domain.methods.eligibility import with_automatic_types
from domain.methods.families import CONSENTED, CONSENTED_IF_KEPT, REUSABLE, TYPES
from domain.model.commands import CheckSettlement, Confirm, Update
from domain.model.outcomes import Accepted, Authorize, Declined, VerificationRequired
from domain.model.payment_methods import PaymentMethod
from domain.model.statuses import Status
from tests.domain.methods.test_debits import chosen
from tests.support.builders import CONSENT, NOW, after, decided, make_intent, make_method, refused

NAMES = sorted(TYPES)
BACK = "https://shop.example"


@pytest.mark.parametrize("type_", NAMES)
def test_a_type_goes_with_its_currencies_and_no_other(type_: str) -> None:
    currencies = TYPES[type_].currencies
    for currency in currencies or {"usd", "eur"}:
        assert types_refusal(make_intent(currency=currency, amount=6_000, payment_method_types=("card", type_))) is None
    if currencies:
        foreign = types_refusal(make_intent(currency="isk", payment_method_types=("card", type_)))
        assert foreign is not None
        assert (foreign.code, foreign.param) == (None, "currency")
        text = "The currency provided (isk) is invalid for one or more payment method types on this PaymentIntent"
        assert foreign.message == f"{text}: {type_}."


@pytest.mark.parametrize("type_", NAMES)
def test_a_type_goes_with_manual_capture_and_later_use_as_the_table_says(type_: str) -> None:
    currency = min(TYPES[type_].currencies or {"usd"})
    intent = make_intent(currency=currency, amount=6_000, payment_method_types=("card", type_))
    refusals = {
        "capture_method": decide(intent, Update(changes={"capture_method": "manual"}), NOW),
        "setup_future_usage": decide(intent, Update(changes={"setup_future_usage": "off_session"}), NOW),
    }
    fits = {"capture_method": TYPES[type_].manual_capture, "setup_future_usage": type_ in REUSABLE}
    for name, found in refusals.items():
        if fits[name]:
            assert isinstance(found, Decision)
        else:
            assert getattr(found, "param", "") == name
            assert f'["{type_}"]' in getattr(found, "message", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "usd"},
        {"payment_method_types": ["card", "ideal", "affirm"]},
        {"capture_method": "manual"},
        {"payment_method_types": ["card", "eps"], "setup_future_usage": "off_session"},
    ],
)
@pytest.mark.parametrize("command", [Update, Confirm])
def test_an_intent_is_not_made_to_contradict_itself(command: Any, changes: dict[str, Any]) -> None:
    intent = make_intent(currency="eur", payment_method_types=("card", "ideal"), payment_method=make_method())
    refusal = refused(intent, command(changes=changes))
    assert refusal.param in ("currency", "capture_method", "setup_future_usage")
    assert isinstance(decide(replace(intent, rules=0), command(changes=changes), NOW), Decision), "it was taken before"


def test_what_is_said_of_a_type_wins() -> None:
    options = {"eps": {"setup_future_usage": "none"}}
    intent = make_intent(currency="eur", payment_method_types=("card", "eps"), payment_method_options=options)
    assert isinstance(decide(intent, Update(changes={"setup_future_usage": "off_session"}), NOW), Decision)


def test_types_left_to_us_are_chosen_to_fit_and_excluded_ones_do_not_matter() -> None:
    automatic = make_intent(automatic_payment_methods={"enabled": True}, currency="eur")
    changed = Update(changes={"currency": "usd", "capture_method": "manual", "setup_future_usage": "off_session"})
    assert isinstance(decide(with_automatic_types(automatic), changed, NOW), Decision)
    excluded = make_intent(payment_method_types=("card", "ideal"), excluded_payment_method_types=("ideal",))
    assert types_refusal(excluded) is None


def test_what_was_said_before_the_rule_is_not_held_against_other_changes() -> None:
    """The intent is older than the rule; it can still be described, and paid by card."""
    older = make_intent(payment_method_types=("card", "ideal"), payment_method=make_method())
    assert isinstance(decide(older, Update(changes={"description": "d"}), NOW), Decision)
    assert isinstance(decide(older, Confirm(return_url=BACK), NOW), Decision)


@pytest.mark.parametrize("type_", sorted(CONSENTED))
@pytest.mark.parametrize("usage", [None, "off_session"])
def test_a_debit_takes_a_mandate(type_: str, usage: str | None) -> None:
    intent = chosen(type_, mandate_data=None, setup_future_usage=usage, customer="cus_1")
    refusal = refused(intent, Confirm())
    assert (refusal.code, refusal.param) == (None, None)
    assert refusal.message.startswith("This PaymentIntent requires a mandate, but no existing mandate was found.")
    assert isinstance(decided(intent, Confirm(changes={"mandate_data": CONSENT})).effect, Authorize)
    assert isinstance(decided(intent, Confirm(changes={"mandate": "mandate_1"})).effect, Authorize)
    assert isinstance(decide(replace(intent, rules=0), Confirm(), NOW), Decision), "by the rules of before"
    assert intent.status == Status.REQUIRES_CONFIRMATION


@pytest.mark.parametrize("type_", sorted(set(NAMES) - CONSENTED - {"card", "customer_balance", "blik"}))
def test_what_is_no_debit_takes_one_only_to_be_kept(type_: str) -> None:
    assert isinstance(decide(chosen(type_), Confirm(return_url=BACK), NOW), Decision)
    if type_ in CONSENTED_IF_KEPT:
        kept = chosen(type_, setup_future_usage="off_session", customer="cus_1")
        assert refused(kept, Confirm(return_url=BACK)).message.startswith("This PaymentIntent requires a mandate")
        assert isinstance(decide(kept, Confirm(return_url=BACK, changes={"mandate_data": CONSENT}), NOW), Decision)


def test_consent_ends_with_the_attempt_that_it_was_given_for() -> None:
    """The bank sent it back; another account is not charged because the payer agreed to the first."""
    paying = after(chosen("sepa_debit"), Confirm(), Accepted(reference="auth_1"))
    assert paying.mandate is not None
    returned = after(paying, CheckSettlement(), Declined(decline_code="account_closed"))
    another = make_method(card=None, type="sepa_debit")
    assert refused(returned, Confirm(payment_method=another)).message.startswith(
        "This PaymentIntent requires a mandate"
    )
    again = Confirm(payment_method=another, changes={"mandate_data": CONSENT})
    later = after(returned, again, Accepted(reference="auth_2"))
    assert later.charge is not None
    assert later.charge.mandate not in (None, paying.mandate)


KEPT: list[dict[str, Any]] = [
    {"setup_future_usage": "off_session"},
    {"payment_method_options": {"us_bank_account": {"setup_future_usage": "off_session"}}},
]
"""How the method comes to be charged again without its payer."""

OTHER_BANK = replace(make_method(card=None, type="us_bank_account"), id="pm_other")


@pytest.mark.parametrize(
    "command",
    [
        Update(changes={"amount": 9_000}), Update(changes={"amount": 60}),
        Update(payment_method=OTHER_BANK), *(Update(changes=changes) for changes in KEPT),
    ],
)  # fmt: skip
@pytest.mark.parametrize("said", [{"mandate_data": CONSENT}, {"mandate": "mandate_1"}])
def test_consent_is_to_what_was_said_then(command: Update, said: dict[str, Any]) -> None:
    """The payer was at it, and had agreed to be debited of one amount, from one account."""
    asked = VerificationRequired(verification="v", microdeposit_type="amounts", arrival_date=NOW, url=BACK)
    waiting = after(chosen("us_bank_account", mandate_data=None), Confirm(changes=said), asked)
    assert {name: getattr(waiting, name) for name in said} == said
    changed = after(waiting, command)
    assert (changed.mandate, changed.mandate_data) == (None, None)
    assert refused(changed, Confirm()).message.startswith("This PaymentIntent requires a mandate")
    assert isinstance(decided(changed, Confirm(changes=said)).effect, Authorize)
    same = after(waiting, Update(changes={"amount": waiting.amount, "description": "d"}))
    assert {name: getattr(same, name) for name in said} == said
    before = after(replace(waiting, rules=1), command)
    assert {name: getattr(before, name) for name in said} == said, "by the rules of before"


@pytest.mark.parametrize(
    "command", [
        Confirm(payment_method=OTHER_BANK), Confirm(changes={"amount": 9_000}), Confirm(changes={"amount": 60}),
        *(Confirm(changes=changes) for changes in KEPT),
    ],
)  # fmt: skip
@pytest.mark.parametrize("said", [{"mandate_data": CONSENT}, {"mandate": "mandate_1"}])
def test_nor_does_a_confirmation_take_what_it_changes_by_it(command: Confirm, said: dict[str, Any]) -> None:
    asked = VerificationRequired(verification="v", microdeposit_type="amounts", arrival_date=NOW, url=BACK)
    waiting = after(chosen("us_bank_account", mandate_data=None), Confirm(changes=said), asked)
    assert refused(waiting, command).message.startswith("This PaymentIntent requires a mandate")
    anew = replace(command, changes={**command.changes, **said})
    assert isinstance(decided(waiting, anew).effect, Authorize)
    assert isinstance(decided(replace(waiting, rules=1), command).effect, Authorize), "by the rules of before"


LIMITED = sorted(name for name, type_ in TYPES.items() if type_.least or type_.most is not None)


@pytest.mark.parametrize("type_", LIMITED)
def test_a_type_goes_with_its_amounts_and_no_other(type_: str) -> None:
    row, currency = TYPES[type_], min(TYPES[type_].currencies)
    assert row.most is not None
    intent = make_intent(currency=currency, amount=row.least, payment_method_types=(type_,))
    for amount, code in ((row.least, None), (row.least - 1, "amount_too_small"), (row.most, None),
                         (row.most + 1, "amount_too_large")):  # fmt: skip
        refusals = (
            types_refusal(replace(intent, amount=amount)),
            decide(intent, Update(changes={"amount": amount}), NOW),
            decide(intent, Confirm(changes={"amount": amount}, payment_method=of(type_), return_url=BACK), NOW),
        )
        assert [getattr(found, "code", None) for found in refusals] == [code] * 3
        assert code is None or {getattr(found, "param", "") for found in refusals} == {"amount"}


def of(type_: str) -> PaymentMethod:
    return make_method(card=None, type=type_)


def test_a_limit_is_told_with_its_money() -> None:
    intent = make_intent(currency="brl", amount=5_000_000, payment_method_types=("boleto",))
    found = types_refusal(intent)
    assert found is not None
    assert (found.code, found.message) == ("amount_too_large", "Amount must be no more than R$ 49,999.99 brl")


def test_an_intent_that_was_made_by_the_rules_of_before_goes_by_them() -> None:
    intent = make_intent(currency="mxn", amount=2_000_000, payment_method_types=("oxxo",), rules=0)
    assert isinstance(decide(intent, Confirm(payment_method=of("oxxo")), NOW), Decision)
    assert refused(replace(intent, rules=1), Confirm(payment_method=of("oxxo"))).code == "amount_too_large"


def test_types_that_are_left_to_us_are_filtered_by_amount() -> None:
    intent = make_intent(currency="usd", amount=6_000, automatic_payment_methods={"enabled": True})
    intent = with_automatic_types(intent)
    assert "affirm" in intent.payment_method_types
    assert isinstance(decide(intent, Update(changes={"amount": 600}), NOW), Decision)
    assert "affirm" not in after(intent, Update(changes={"amount": 600})).payment_method_types
