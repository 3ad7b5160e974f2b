"""Money: currencies, their exponents, and the smallest and largest amount Stripe takes.

Amounts are integers in minor units everywhere; this module is the only one that turns them into text. No float here.
Sources: docs.stripe.com/currencies (minimum amounts, zero-decimal and special-case currencies).
"""

from dataclasses import dataclass

from domain.refusals import Refusal

AMOUNT_MAX = 99_999_999
"""Eight digits in minor units: $999,999.99. Stripe's API reference and its error text agree on it, although card
networks carry up to twelve."""

MAXIMUM = {"inr": 999_999_999, "cop": 9_999_999_999, "idr": 999_999_999_999}
"""Where a unit is worth so little that eight digits are not enough: nine, ten and twelve."""

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
"""The last digit must be 0: networks settle these with two decimals."""

WHOLE_UNITS = frozenset({"isk", "ugx"})
"""Sent as two-decimal amounts for compatibility, but without fractions: the last two digits must be 00."""

TWO_DECIMAL = frozenset(
    """
    usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop
    crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl hrk htg huf idr ils inr jmd kes kgs
    khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen
    pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu
    uzs wst xcd xcg yer zar zmw
    """.split()
)

MINIMUM = {
    "usd": 50, "aed": 200, "ars": 50, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "cop": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "idr": 50, "ils": 50, "inr": 50, "jpy": 50, "krw": 50, "mxn": 1000,
    "myr": 200, "nok": 300, "nzd": 50, "php": 50, "pln": 200, "ron": 200, "rub": 50, "sek": 300, "sgd": 50, "thb": 1000,
    "zar": 50,
}  # fmt: skip
"""Smallest charge by currency, in minor units, as Stripe publishes it. Everything else is below."""

_FLOORS = {
    10: "fkp gip shp",
    20: "ang awg azn bam bgn bmd bnd bsd djf kyd pab vuv xcg xpf",
    50: "bbd bhd byn bzd fjd gel kwd omr pen pgk qar sar top wst xcd",
    100: "bob cny gtq hrk jod kmf ttd xaf xof",
    200: "bwp clp lsl mad mdl mop mvr nad rwf sbd scr szl tjs",
    500: "bif hnl nio sle srd tnd try twd zmw",
    1_000: "afn dop egp etb gmd mga mkd mur mzn pyg uah uyu",
    2_000: "all bdt cve dzd gnf htg isk jmd kes kgs lrd npr rsd",
    5_000: "amd gyd lkr pkr vnd yer",
    10_000: "crc kzt sos",
    20_000: "aoa mwk ngn",
    50_000: "cdf mmk mnt tzs ugx",
    100_000: "khr",
    200_000: "uzs",
    500_000: "lak std",
    2_000_000: "lbp",
}
"""The floor of currencies without a published minimum, in minor units: Stripe converts these before it compares, and we
have no rates. A quarter of a US dollar, half of what Stripe asks for, at the rates of the end of 2024 and rounded down
to 1, 2 or 5: what Stripe takes is not refused when rates move, and what no network would carry is."""

FLOOR = {code: least for least, codes in _FLOORS.items() for code in codes.split()}

SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "krw": "₩", "ils": "₪", "brl": "R$ ", "cad": "$",
           "aud": "$", "nzd": "$", "hkd": "$", "sgd": "$", "mxn": "$"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency: `code` in lower case, `exponent` digits behind the point, smallest and largest charge."""

    code: str
    exponent: int
    minimum: int
    maximum: int

    def format(self, amount: int) -> str:
        """Show minor units as people write them: `$1,099.00`, `¥50`, `2.500`."""
        whole, fraction = divmod(abs(amount), 10**self.exponent)
        digits = f"{whole:,}" + (f".{fraction:0{self.exponent}d}" if self.exponent else "")
        return ("-" if amount < 0 else "") + SYMBOLS.get(self.code, "") + digits


def _exponent(code: str) -> int:
    return 0 if code in ZERO_DECIMAL else 3 if code in THREE_DECIMAL else 2


CURRENCIES = {
    code: Currency(code, _exponent(code), (MINIMUM | FLOOR)[code], MAXIMUM.get(code, AMOUNT_MAX))
    for code in sorted(TWO_DECIMAL | ZERO_DECIMAL | THREE_DECIMAL | WHOLE_UNITS)
}

CODE_SHOWN_MAX = 20
"""How much of an unknown currency a message repeats."""


def currency_refusal(code: str) -> Refusal | None:
    """Refuse a currency that Stripe does not know; the message lists those it does."""
    if code in CURRENCIES:
        return None
    known = ", ".join(sorted(CURRENCIES, key=lambda known: (known != "usd", known)))
    return Refusal(
        message=f"Invalid currency: {code[:CODE_SHOWN_MAX]}. Stripe currently supports these currencies: {known}",
        param="currency",
    )


NOTHING = (
    "The amount must be greater than or equal to the minimum charge amount allowed for your account and the currency "
    "set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a Payment "
    "Method for future use without an immediate payment, use a Setup Intent instead: "
    "https://docs.stripe.com/payments/setup-intents"
)
"""As recorded, both spaces included."""


def amount_refusal(amount: int, code: str, param: str = "amount", *, rules: int = 1) -> Refusal | None:
    """Refuse an amount that cannot be charged in this currency; `code` must be a known currency.

    By the `rules` of before (0) there was no floor, and eight digits were enough for every currency.
    """
    currency = CURRENCIES[code]
    least, most = (currency.minimum, currency.maximum) if rules else (MINIMUM.get(code, 1), AMOUNT_MAX)
    if amount <= 0:
        return Refusal(code="parameter_invalid_integer", message=NOTHING, param=param)
    if amount < least:
        text = f"Amount must be at least {currency.format(least)} {code}"
        return Refusal(code="amount_too_small", message=text, param=param)
    if amount > most:
        text = f"Amount must be no more than {currency.format(most)}"
        return Refusal(code="amount_too_large", message=text, param=param)
    return rounding_refusal(amount, code, param)


def rounding_refusal(amount: int, code: str, param: str = "amount") -> Refusal | None:
    """Refuse what networks would round: the last digits of currencies that have more than networks know."""
    step = 10 if code in THREE_DECIMAL else 100 if code in WHOLE_UNITS else 1
    if amount % step == 0:
        return None
    digits = "0" if step == 10 else "00"
    return Refusal(
        message=f"Invalid amount: {amount}. Amounts in {code} must end in {digits}, because card networks round this "
        "currency.",
        param=param,
    )
