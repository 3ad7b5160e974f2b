"""Card numbers: what can be told of one without asking anybody. Used at the edge, before tokenization."""

from dataclasses import dataclass

from domain.money.declines import message
from domain.refusals import Refusal

NUMBER_DIGITS = range(12, 20)
EXPIRY_YEARS_AHEAD_MAX = 50
"""Further than this is a typing error; Stripe refuses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInput:
    """A card as the buyer typed it. Lives only on its way to the gateway; its repr shows nothing."""

    number: str
    exp_month: int
    exp_year: int
    cvc: str | None = None

    def __repr__(self) -> str:
        """Say only that there was a card: reprs end up in logs and tracebacks."""
        return "CardInput(…)"


def luhn_valid(number: str) -> bool:
    """Whether the check digit fits (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def full_year(year: int) -> int:
    """Read a two-digit year as one of this century."""
    return 2000 + year if 0 <= year < 100 else year


def card_refusal(card: CardInput, year: int, month: int) -> Refusal | None:
    """Refuse a card that no bank would know, given the current `year` and `month`; reported as a 402 card_error."""
    if not card.number.isascii() or not card.number.isdigit() or len(card.number) not in NUMBER_DIGITS:
        return Refusal(
            code="invalid_number", message="The card number is not a valid credit card number.", param="number"
        )
    if not luhn_valid(card.number):
        return Refusal(code="incorrect_number", message=message("incorrect_number"), param="number")
    expired = expiry_refusal(card.exp_month, card.exp_year, year, month)
    if expired is not None:
        return expired
    if card.cvc is not None and not (card.cvc.isascii() and card.cvc.isdigit() and len(card.cvc) in (3, 4)):
        return Refusal(code="invalid_cvc", message="Your card's security code is invalid.", param="cvc")
    return None


def expiry_refusal(exp_month: int, exp_year: int, year: int, month: int) -> Refusal | None:
    """Refuse an expiry that is over, given the current `year` and `month`, or that no card has."""
    if not 1 <= exp_month <= 12 or (exp_year == year and exp_month < month):
        return Refusal(
            code="invalid_expiry_month", message="Your card's expiration month is invalid.", param="exp_month"
        )
    if not year <= exp_year <= year + EXPIRY_YEARS_AHEAD_MAX:
        return Refusal(code="invalid_expiry_year", message="Your card's expiration year is invalid.", param="exp_year")
    return None
