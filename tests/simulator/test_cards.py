"""The table of test cards: every number is possible, every name unique, and the ones people use are there."""

from collections import Counter

import pytest

from domain.cards import luhn_valid
from simulator.cards import BY_NUMBER, CARDS, brand_of, by_reference


def test_numbers_are_possible_and_rows_unique() -> None:
    assert [card.name for card in CARDS if not luhn_valid(card.number)] == []
    assert [name for name, count in Counter(card.name for card in CARDS).items() if count > 1] == []
    assert [number for number, count in Counter(card.number for card in CARDS).items() if count > 1] == []


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("pm_card_visa", "4242424242424242"),
        ("pm_card_us", "4242424242424242"),
        ("tok_visa", "4242424242424242"),
        ("pm_card_mastercard", "5555555555554444"),
        ("pm_card_amex", "378282246310005"),
        ("pm_card_gb", "4000008260000000"),
        ("pm_card_visa_chargeDeclined", "4000000000000002"),
        ("pm_card_chargeDeclinedExpiredCard", "4000000000000069"),
        ("pm_card_chargeDeclined", "4000000000000002"),
        ("tok_chargeDeclined", "4000000000000002"),
        ("tok_chargeDeclinedInsufficientFunds", "4000000000009995"),
        ("tok_visa_chargeDeclinedFraudulent", "4100000000000019"),
        ("pm_card_createMastercardComplianceDispute", "5105008400000002"),
        ("pm_card_radarBlock", "4100000000000019"),
        ("pm_card_authenticationRequired", "4000002760003184"),
    ],
)
def test_references(reference: str, number: str) -> None:
    assert by_reference(reference) is BY_NUMBER[number]


@pytest.mark.parametrize(
    ("reference", "decline", "funding"),
    [
        ("tok_visa_debit_chargeDeclinedInsufficientFunds", "insufficient_funds", "debit"),
        ("tok_visa_chargeCustomerFailLostCard", "lost_card", "credit"),
        ("tok_visa_chargeCustomerFailStolenCard", "stolen_card", "credit"),
    ],
)
def test_cards_that_have_a_name_only(reference: str, decline: str, funding: str) -> None:
    card = by_reference(reference)
    assert card is not None
    assert (card.decline, card.funding) == (decline, funding)
    assert BY_NUMBER[card.number].name != card.name


def test_other_references_are_nobody() -> None:
    assert by_reference("pm_card_") is None
    assert by_reference("pm_1visa") is None


@pytest.mark.parametrize(("number", "brand"), [("4111111111111111", "visa"), ("9", "unknown"), ("3530", "jcb")])
def test_brands_of_unknown_cards(number: str, brand: str) -> None:
    assert brand_of(number) == brand
