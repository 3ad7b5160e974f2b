"""Card numbers, and that a card never shows itself."""

import pytest

from domain.methods.card_numbers import EXPIRY_YEARS_AHEAD_MAX, CardInput, card_refusal, full_year, luhn_valid

YEAR, MONTH = 2026, 11


def card(**fields: object) -> CardInput:
    given = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}
    return CardInput(**{**given, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"number": "4242"}, "invalid_number", "number"),
        ({"number": "4" * 20}, "invalid_number", "number"),
        ({"number": "٤" * 16}, "invalid_number", "number"),
        ({"number": ""}, "invalid_number", "number"),
        ({"exp_month": 0}, "invalid_expiry_month", "exp_month"),
        ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": 2025}, "invalid_expiry_year", "exp_year"),
        ({"exp_year": YEAR + EXPIRY_YEARS_AHEAD_MAX + 1}, "invalid_expiry_year", "exp_year"),
        ({"exp_year": YEAR, "exp_month": MONTH - 1}, "invalid_expiry_month", "exp_month"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
        ({"cvc": "12345"}, "invalid_cvc", "cvc"),
        ({"cvc": "abc"}, "invalid_cvc", "cvc"),
    ],
)
def test_cards_no_bank_would_know(fields: dict[str, object], code: str, param: str) -> None:
    refusal = card_refusal(card(**fields), YEAR, MONTH)
    assert refusal is not None
    assert (refusal.code, refusal.param) == (code, param)


@pytest.mark.parametrize("fields", [{}, {"cvc": None}, {"cvc": "1234"}, {"exp_year": YEAR, "exp_month": MONTH}])
def test_good_cards(fields: dict[str, object]) -> None:
    assert card_refusal(card(**fields), YEAR, MONTH) is None


def test_a_card_shows_nothing() -> None:
    shown = f"{card()!r} {card()} {[card()]}"
    assert "4242" not in shown
    assert "123" not in shown


def test_luhn_and_years() -> None:
    assert luhn_valid("79927398713")
    assert not luhn_valid("79927398710")
    assert (full_year(30), full_year(2030)) == (2030, 2030)
