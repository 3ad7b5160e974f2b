"""Currencies, exponents, and amounts from both sides of every limit."""

import pytest

from domain.money.currencies import (
    AMOUNT_MAX,
    CURRENCIES,
    FLOOR,
    MAXIMUM,
    MINIMUM,
    THREE_DECIMAL,
    WHOLE_UNITS,
    ZERO_DECIMAL,
    amount_refusal,
    currency_refusal,
)


def test_exponents() -> None:
    assert {CURRENCIES[code].exponent for code in ZERO_DECIMAL} == {0}
    assert {CURRENCIES[code].exponent for code in THREE_DECIMAL} == {3}
    assert (CURRENCIES["usd"].exponent, CURRENCIES["isk"].exponent, CURRENCIES["huf"].exponent) == (2, 2, 2)
    assert len(CURRENCIES) > 130


@pytest.mark.parametrize("code", sorted(MINIMUM))
def test_the_minimum_from_both_sides(code: str) -> None:
    assert amount_refusal(MINIMUM[code], code) is None
    refusal = amount_refusal(MINIMUM[code] - 1, code)
    assert refusal is not None
    assert (refusal.code, refusal.param) == ("amount_too_small", "amount")


def test_the_maximum_from_both_sides() -> None:
    assert amount_refusal(AMOUNT_MAX, "usd") is None
    refusal = amount_refusal(AMOUNT_MAX + 1, "usd")
    assert refusal is not None
    assert (refusal.code, refusal.message) == ("amount_too_large", "Amount must be no more than $999,999.99")


@pytest.mark.parametrize(("code", "digits"), [("usd", 8), ("jpy", 8), ("inr", 9), ("cop", 10), ("idr", 12)])
def test_as_many_digits_as_the_currency_needs(code: str, digits: int) -> None:
    assert amount_refusal(10**digits - 1, code) is None
    refusal = amount_refusal(10**digits, code)
    assert refusal is not None
    assert (refusal.code, refusal.param) == ("amount_too_large", "amount")


def test_every_currency_has_a_minimum_or_a_floor_and_none_has_both() -> None:
    assert MINIMUM.keys() | FLOOR.keys() == CURRENCIES.keys()
    assert not MINIMUM.keys() & FLOOR.keys()
    assert MAXIMUM.keys() <= CURRENCIES.keys()


@pytest.mark.parametrize("code", sorted(FLOOR))
def test_the_floor_from_both_sides(code: str) -> None:
    assert amount_refusal(FLOOR[code], code) is None
    refusal = amount_refusal(FLOOR[code] - 1, code)
    assert refusal is not None
    assert (refusal.code, refusal.param) == ("amount_too_small", "amount")


def test_the_rules_of_before_had_no_floor_and_eight_digits_for_every_currency() -> None:
    assert amount_refusal(1, "vnd", rules=0) is None
    assert amount_refusal(49, "usd", rules=0) is not None
    assert amount_refusal(AMOUNT_MAX + 1, "idr", rules=0) is not None


@pytest.mark.parametrize("amount", [0, -1, -(10**20)])
def test_nothing_and_less_is_no_amount(amount: int) -> None:
    refusal = amount_refusal(amount, "usd")
    assert refusal is not None
    assert (refusal.code, refusal.param) == ("parameter_invalid_integer", "amount")
    assert refusal.message == (
        "The amount must be greater than or equal to the minimum charge amount allowed for your account and the "
        "currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a "
        "Payment Method for future use without an immediate payment, use a Setup Intent instead: "
        "https://docs.stripe.com/payments/setup-intents"
    )


def test_the_message_names_the_money() -> None:
    refusal = amount_refusal(1, "usd")
    assert refusal is not None
    assert refusal.message == "Amount must be at least $0.50 usd"
    yen = amount_refusal(1, "jpy")
    assert yen is not None
    assert yen.message == "Amount must be at least ¥50 jpy"


def test_networks_round_some_currencies() -> None:
    for code, good, bad in (("kwd", 1_230, 1_234), ("isk", 2_400, 2_434)):
        assert amount_refusal(good, code) is None
        assert amount_refusal(bad, code) is not None
    assert {"isk", "ugx"} == WHOLE_UNITS


@pytest.mark.parametrize("code", ["zzz", "", "USD", "us", "$"])
def test_unknown_currencies(code: str) -> None:
    refusal = currency_refusal(code)
    assert refusal is not None
    assert refusal.param == "currency"


def test_format() -> None:
    assert CURRENCIES["usd"].format(109_900) == "$1,099.00"
    assert CURRENCIES["jpy"].format(5_000) == "¥5,000"
    assert CURRENCIES["kwd"].format(2_500) == "2.500"
    assert CURRENCIES["usd"].format(-5) == "-$0.05"
