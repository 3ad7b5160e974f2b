"""Amounts where Adyen and Stripe count differently. Adyen's table leads there, not ISO 4217. Pure; no float here.

Source: docs.adyen.com/development-resources/currency-codes ("differs from standard": CLP, CVE, IDR, ISK) and Adyen's
own libraries (adyen-php-api-library Util/Currency.php, adyen-web currency-decimals.ts).
"""

from domain.money.currencies import CURRENCIES

ZERO_DECIMAL = frozenset("cve djf gnf idr jpy kmf krw pyg rwf ugx vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd iqd jod kwd lyd omr tnd".split())

UNCERTAIN = frozenset({"bif", "mga"})
"""In none of Adyen's lists that we could read: a hundred times too much may be taken, so none is."""

Amount = dict[str, int | str]
"""Adyen's `amount`: `currency` in capitals, `value` in its minor units."""


class Unconvertible(ValueError):
    """The amount cannot be said to Adyen. `decline_code` is what the buyer's payment is declined with."""

    def __init__(self, message: str, decline_code: str) -> None:
        """Carry the code."""
        super().__init__(message)
        self.decline_code = decline_code


def adyen_exponent(currency: str) -> int:
    """Digits behind the point, as Adyen counts."""
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def to_adyen(amount: int, currency: str) -> Amount:
    """The engine's minor units (Stripe's) as Adyen's.

    Raises:
        Unconvertible: Adyen's unit is coarser and the amount not whole in it, or it is not known what its unit is.
    """
    if currency not in CURRENCIES or currency in UNCERTAIN:
        raise Unconvertible(f"what Adyen's unit of {currency} is, is not known", "currency_not_supported")
    shift = adyen_exponent(currency) - _engines_exponent(currency)
    if shift >= 0:
        return {"currency": currency.upper(), "value": amount * 10**shift}
    value, rest = divmod(amount, 10**-shift)
    if rest:
        raise Unconvertible(f"{amount} of {currency} is no whole number of Adyen's units", "invalid_amount")
    return {"currency": currency.upper(), "value": value}


def from_adyen(value: int, currency: str) -> tuple[int, str]:
    """Adyen's minor units as the engine's, and the currency in its spelling.

    Raises:
        Unconvertible: it is nothing that this engine can have asked for.
    """
    code = currency.lower()
    if code not in CURRENCIES or code in UNCERTAIN:
        raise Unconvertible(f"no amount of {currency} was ever asked for", "currency_not_supported")
    shift = adyen_exponent(code) - _engines_exponent(code)
    if shift <= 0:
        return value * 10**-shift, code
    amount, rest = divmod(value, 10**shift)
    if rest:
        raise Unconvertible(f"{value} of {currency} is no whole number of the engine's units", "invalid_amount")
    return amount, code


def _engines_exponent(currency: str) -> int:
    return CURRENCIES[currency].exponent
