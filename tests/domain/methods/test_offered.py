"""Which types an account offers, and what becomes of them when the merchant says which he takes."""

from dataclasses import replace
from typing import Any

import pytest

from domain.machine.decisions import Decision, decide
from domain.machine.suitability import types_refusal
from domain.methods import refusing
from domain.methods.eligibility import with_automatic_types
from domain.methods.families import TYPES
from domain.methods.offered import CONFIGURABLE, USUAL, WALLETS, Configuration, default_id, default_of
from domain.model.commands import Confirm, Update
from domain.model.payment_intent import PaymentIntent
from tests.support.builders import NOW, after, confirmable, make_intent, refused

BACK = "https://shop.example"


def configuration(**fields: Any) -> Configuration:
    return Configuration(id="pmc_1", account="acct_1", livemode=False, created=NOW, **fields)


def left_to_us(**fields: Any) -> PaymentIntent:
    ours = {"payment_method_configuration": "pmc_1", "automatic_payment_methods": {"enabled": True}, "amount": 10_000}
    return with_automatic_types(make_intent(**{**ours, **fields}))


def test_an_account_begins_with_the_usual_types() -> None:
    usual = default_of("acct_1", False, NOW)
    assert (usual.is_default, usual.active, usual.parent, usual.offered) == (True, True, None, None)
    assert usual.id == default_id("acct_1", False) != default_id("acct_1", True)
    assert {name for name in CONFIGURABLE if usual.value(name) == "on"} == {*USUAL, *WALLETS}
    assert set(USUAL) <= set(TYPES)


def test_what_is_said_wins_then_the_parent_then_what_is_usual() -> None:
    one = configuration(preferences={"ideal": "off", "zip": "none", "klarna": "none"}, inherited={"zip": "on"})
    assert {name: one.value(name) for name in ("ideal", "zip", "klarna", "affirm", "sofort")} == {
        "ideal": "off", "zip": "on", "klarna": "on", "affirm": "on", "sofort": "off"
    }  # fmt: skip
    assert one.offered == (*(name for name in USUAL if name != "ideal"), "zip")


@pytest.mark.parametrize(
    ("fields", "types"),
    [
        ({}, ("card", "klarna", "link", "affirm", "cashapp", "amazon_pay")),
        ({"amount": 212}, ("card", "klarna", "link", "cashapp", "amazon_pay")),
        (
            {"currency": "eur"},
            ("card", "bancontact", "eps", "ideal", "klarna", "link", "amazon_pay", "mobilepay", "p24"),
        ),
        ({"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}, ("card", "link")),
        ({"excluded_payment_method_types": ("link", "klarna")}, ("card", "affirm", "cashapp", "amazon_pay")),
        ({"offered_types": ("card", "us_bank_account", "ideal")}, ("card", "us_bank_account")),
    ],
)
def test_what_fits_of_what_is_offered(fields: dict[str, Any], types: tuple[str, ...]) -> None:
    """The first two are answers of new accounts at Stripe, of April 2026 and August 2025."""
    assert left_to_us(**fields).payment_method_types == types


def test_what_is_allowed_is_filtered_without_a_word_and_follows_changes() -> None:
    allowed = make_intent(allowed_payment_method_types=("ideal", "card", "cashapp"))
    dollars = with_automatic_types(allowed)
    assert (dollars.payment_method_types, types_refusal(dollars)) == (("card", "cashapp"), None)
    assert after(dollars, Update(changes={"currency": "eur"})).payment_method_types == ("ideal", "card")
    held = after(dollars, Update(changes={"currency": "eur", "capture_method": "manual"}))
    assert held.payment_method_types == ("card",)


def test_there_must_be_one() -> None:
    intent = with_automatic_types(make_intent(allowed_payment_method_types=("card", "ideal")))
    nothing = {"allowed_payment_method_types": ["ideal"], "payment_method_types": ["ideal"]}
    assert refused(intent, Update(changes=nothing)) == refusing.no_type_fits()
    assert types_refusal(left_to_us(offered_types=("ideal",))) == refusing.no_type_fits()
    older = replace(intent, rules=0)
    assert isinstance(decide(older, Update(changes={"allowed_payment_method_types": ["ideal"]}), NOW), Decision)


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"payment_method_types": ["card"]}, None),
        ({"payment_method_types": ["card"], "allowed_payment_method_types": ["card", "ideal"]}, ("card", "ideal")),
    ],
)
def test_who_names_them_no_longer_leaves_them_to_us(changes: dict[str, Any], allowed: tuple[str, ...] | None) -> None:
    named = after(left_to_us(offered_types=("card", "ideal")), Update(changes=changes))
    assert (named.payment_method_types, named.allowed_payment_method_types) == (("card",), allowed)
    assert (named.automatic_payment_methods, named.payment_method_configuration, named.offered_types) == (None,) * 3


def test_another_configuration_offers_other_types() -> None:
    changes = {"payment_method_configuration": "pmc_2", "offered_types": ["card", "zip"]}
    assert after(left_to_us(), Update(changes=changes)).payment_method_types == ("card", "zip")


def test_older_rules_offered_everything_and_took_what_was_allowed() -> None:
    older = left_to_us(rules=0)
    assert {"us_bank_account", "zip"} <= set(older.payment_method_types)
    changed = after(make_intent(rules=0), Update(changes={"allowed_payment_method_types": ["ideal"]}))
    assert changed.payment_method_types == ("card",)


class TestComingBack:
    """A buyer who may be sent away needs a way back, whatever they pay with."""

    @pytest.mark.parametrize("intent", [left_to_us(), confirmable(automatic_payment_methods={"enabled": True})])
    def test_is_asked_for_before_the_method_is_looked_at(self, intent: PaymentIntent) -> None:
        assert refused(intent, Confirm()) == refusing.return_url_required()

    @pytest.mark.parametrize("lifted", [{"return_url": BACK}, {"off_session": True}, {"use_stripe_sdk": True}])
    def test_or_nobody_is_there_to_send_away(self, lifted: dict[str, Any]) -> None:
        intent = confirmable(automatic_payment_methods={"enabled": True})
        assert isinstance(decide(intent, Confirm(**lifted), NOW), Decision)

    def test_or_nobody_is_sent_away(self) -> None:
        never = {"enabled": True, "allow_redirects": "never"}
        assert isinstance(decide(confirmable(automatic_payment_methods=never), Confirm(), NOW), Decision)

    def test_older_rules_knew_of_no_absence(self) -> None:
        older = confirmable(automatic_payment_methods={"enabled": True}, rules=0)
        assert refused(older, Confirm(off_session=True)) == refusing.return_url_required()


def test_no_error_on_action_with_types_that_are_left_to_us() -> None:
    intent = confirmable(automatic_payment_methods={"enabled": True})
    asked = Confirm(error_on_requires_action=True, return_url=BACK)
    assert refused(intent, asked) == refusing.no_errors_on_action()
    assert isinstance(decide(replace(intent, rules=0), asked, NOW), Decision)
    assert isinstance(decide(confirmable(), asked, NOW), Decision)
