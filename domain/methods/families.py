"""Payment method types by family: how each moves money, in which currencies, and what it can do. One table.

A *redirect* sends the buyer to their bank or wallet and has an answer when they come back; a *debit* is accepted at
once and answered days later; with a *voucher* or a *code* the buyer pays elsewhere, in their own time, by what they are
shown; with a *transfer* they send money to an account of their own here, which pays (bank_transfers.py);
*immediate* needs nothing of the buyer. What is not listed needs a terminal, and is not taken online. What a family does
is asked by one interface (registry.py).

Source: docs.stripe.com/payments/payment-methods (currencies, manual capture, windows).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

DAY_SECONDS = 86_400


class Family(StrEnum):
    """How money moves."""

    CARD = "card"
    IMMEDIATE = "immediate"
    REDIRECT = "redirect"
    DEBIT = "debit"
    VOUCHER = "voucher"
    CODE = "code"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodType:
    """One type. No `currencies` means any; `capture_days` is how long a hold is good where that is not a card's seven.

    `settles_after_seconds` is when a bank usually has answered, `next_action` what the buyer is asked to do. Types are
    offered from `least` to `most` (minor units), where they have such limits.
    """

    family: Family
    currencies: frozenset[str] = frozenset()
    manual_capture: bool = False
    settles_after_seconds: int = 0
    capture_days: int | None = None
    microdeposits: bool = False
    next_action: str = "redirect_to_url"
    least: int = 0
    most: int | None = None

    @property
    def delayed(self) -> bool:
        """Whether a yes is only that it was accepted."""
        return self.settles_after_seconds > 0


def _redirect(
    currencies: str, *, manual_capture: bool = False, capture_days: int | None = None, settles_after_days: int = 0
) -> MethodType:
    return MethodType(
        family=Family.REDIRECT,
        currencies=frozenset(currencies.split()),
        manual_capture=manual_capture or capture_days is not None,
        capture_days=capture_days,
        settles_after_seconds=settles_after_days * DAY_SECONDS,
    )


def _debit(currencies: str, days: int, *, microdeposits: bool = False) -> MethodType:
    return MethodType(
        family=Family.DEBIT,
        currencies=frozenset(currencies.split()),
        settles_after_seconds=days * DAY_SECONDS,
        microdeposits=microdeposits,
    )


def _shown(family: Family, currencies: str, next_action: str, *, manual_capture: bool = False) -> MethodType:
    return MethodType(
        family=family,
        currencies=frozenset(currencies.split()),
        next_action=next_action,
        manual_capture=manual_capture,
    )


def _within(least: int, most: int, type_: MethodType) -> MethodType:
    return replace(type_, least=least, most=most)


TRANSFER = "display_bank_transfer_instructions"

_KLARNA = "aud cad chf czk dkk eur gbp nok nzd pln ron sek usd"
_WECHAT_PAY = "aud cad chf cny dkk eur gbp hkd jpy nok sek sgd usd"
_PAYPAL = "aud cad chf czk dkk eur gbp hkd huf nok nzd pln sek sgd usd"

TYPES: dict[str, MethodType] = {
    "card": MethodType(family=Family.CARD, manual_capture=True),
    "link": MethodType(family=Family.IMMEDIATE, manual_capture=True),
    "affirm": _within(5_000, 3_000_000, _redirect("cad usd", capture_days=30)),
    "afterpay_clearpay": _within(100, 400_000, _redirect("aud cad eur gbp nzd usd", capture_days=13)),
    "alipay": _redirect("aud cad cny eur gbp hkd jpy myr nzd sgd usd"),
    "alma": _redirect("eur", manual_capture=True),
    "amazon_pay": _redirect("aud chf dkk eur gbp hkd jpy nok nzd sek usd zar", manual_capture=True),
    "bancontact": _redirect("eur"),
    "billie": _redirect("chf dkk eur gbp nok sek", manual_capture=True),
    "bizum": _redirect("eur"),
    "crypto": _redirect("usd"),
    "eps": _redirect("eur"),
    "fpx": _redirect("myr"),
    "giropay": _redirect("eur"),
    "grabpay": _redirect("myr sgd"),
    "ideal": _redirect("eur"),
    "kakao_pay": _redirect("krw", manual_capture=True),
    "klarna": _redirect(_KLARNA, capture_days=28),
    "kr_card": _redirect("krw", manual_capture=True),
    "mb_way": _redirect("eur"),
    "mobilepay": _redirect("dkk eur nok sek", manual_capture=True),
    "naver_pay": _redirect("krw", manual_capture=True),
    "p24": _redirect("eur pln"),
    "pay_by_bank": _redirect("eur gbp"),
    "payco": _redirect("krw", manual_capture=True),
    "paypal": _redirect(_PAYPAL, capture_days=10),
    "paypay": _redirect("jpy"),
    "revolut_pay": _redirect("eur gbp huf pln ron dkk", manual_capture=True),
    "samsung_pay": _redirect("krw", manual_capture=True),
    "satispay": _redirect("eur", manual_capture=True),
    "scalapay": _redirect("eur"),
    "sequra": _redirect("eur"),
    "sofort": _redirect("eur", settles_after_days=14),
    "sunbit": _redirect("usd"),
    "twint": _redirect("chf"),
    "zip": _redirect("aud usd"),
    "acss_debit": _debit("cad usd", 5, microdeposits=True),
    "au_becs_debit": _debit("aud", 3),
    "bacs_debit": _debit("gbp", 4),
    "nz_bank_account": _debit("nzd", 2),
    "payto": _debit("aud", 1),
    "sepa_debit": _debit("eur", 5),
    "us_bank_account": _debit("usd", 4, microdeposits=True),
    "boleto": _within(500, 4_999_999, _shown(Family.VOUCHER, "brl", "boleto_display_details")),
    "konbini": _within(120, 300_000, _shown(Family.VOUCHER, "jpy", "konbini_display_details")),
    "multibanco": _shown(Family.VOUCHER, "eur", "multibanco_display_details"),
    "oxxo": _within(1_000, 1_000_000, _shown(Family.VOUCHER, "mxn", "oxxo_display_details")),
    "blik": _shown(Family.CODE, "pln", "blik_authorize"),
    "cashapp": _shown(Family.CODE, "usd", "cashapp_handle_redirect_or_display_qr_code", manual_capture=True),
    "paynow": _shown(Family.CODE, "sgd", "paynow_display_qr_code"),
    "pix": _shown(Family.CODE, "brl", "pix_display_qr_code"),
    "promptpay": _shown(Family.CODE, "thb", "promptpay_display_qr_code"),
    "swish": _shown(Family.CODE, "sek", "swish_handle_redirect_or_display_qr_code"),
    "upi": _shown(Family.CODE, "inr", "upi_handle_redirect_or_display_qr_code"),
    "wechat_pay": _shown(Family.CODE, _WECHAT_PAY, "wechat_pay_display_qr_code"),
    "customer_balance": _shown(Family.TRANSFER, "eur gbp jpy mxn usd", TRANSFER),
}


REUSABLE = frozenset(
    "acss_debit alipay amazon_pay au_becs_debit bacs_debit bancontact blik boleto card cashapp ideal kakao_pay klarna "
    "kr_card link naver_pay nz_bank_account paypal payto pix revolut_pay satispay sepa_debit sofort twint upi "
    "us_bank_account".split()
)
"""Types that can be charged again later, without the buyer."""

KEPT_AS_DEBITS = frozenset({"bancontact", "ideal", "sofort"})
"""Of these, what is kept for later is a debit of the account that they paid from, not the method itself."""

ATTACHABLE = REUSABLE - KEPT_AS_DEBITS
"""Types that can be saved to a customer without a payment."""

CONSENTED = frozenset(name for name, type_ in TYPES.items() if type_.family is Family.DEBIT) - {"payto"}
"""Types that take a mandate for every payment. A PayTo agreement is made by the payer, in their bank's app."""

CONSENTED_IF_KEPT = KEPT_AS_DEBITS | {"amazon_pay", "cashapp", "klarna", "link", "paypal", "revolut_pay"}
"""Types that take one when they are kept for later. docs.stripe.com/payments, "Set up future payments" of each."""

OPENS_AN_APP = frozenset({"cashapp", "swish", "upi"})
"""Types that, on a phone, send the buyer to an app."""


def charge_prefix(type_: str) -> str:
    """What the ids of its charges start with: Stripe calls payments that are not by card `py_`."""
    return "ch_3" if TYPES[type_].family is Family.CARD else "py_3"


@dataclass(frozen=True, slots=True)
class FailedDebit:
    """Why a bank sent a debit back: the error code, and what it tells the merchant.

    `error_code` is the error's, where that is another one than the charge's.
    """

    code: str
    message: str
    error_code: str = ""


FAILED_DEBITS: dict[str, FailedDebit] = {
    failure.code: failure
    for failure in (
        FailedDebit("account_closed", "The customer's bank account has been closed."),
        FailedDebit("no_account", "The customer's bank account could not be located."),
        FailedDebit("insufficient_funds", "The customer's account has insufficient funds to cover this payment."),
        FailedDebit("debit_not_authorized", "The customer has notified their bank that this payment was unauthorized."),
        FailedDebit("invalid_currency", "The bank was unable to process this payment because of its currency."),
        FailedDebit("refer_to_customer", "The customer's bank refused the payment; refer to the customer."),
        FailedDebit("charge_exceeds_source_limit", "This payment exceeds the weekly limit of this bank account."),
        FailedDebit("charge_exceeds_transaction_limit", "This payment exceeds the limit of a single payment."),
        FailedDebit("charge_exceeds_weekly_limit", "This payment exceeds the weekly limit of this bank account."),
        FailedDebit("tokenized_account_number_deactivated", "The customer's account number is not valid any more."),
        FailedDebit("incorrect_account_holder_name", "The payment failed.", "payment_intent_payment_attempt_failed"),
        FailedDebit("billing_invalid_mandate", "The customer's bank does not have, or refused, the mandate."),
    )
}
"""docs.stripe.com/payments/ach-direct-debit and its like: failure codes of bank debits."""


ENDS_ITS_MANDATE = frozenset({"account_closed", "billing_invalid_mandate", "debit_not_authorized", "no_account"})
"""Failures after which there is no mandate any more, and the types of which Stripe says so: docs.stripe.com/testing
(Bacs, BECS), docs.stripe.com/payments/nz-bank-account/accept-a-payment."""

MANDATE_ENDS = frozenset({"au_becs_debit", "bacs_debit", "nz_bank_account"})


def ends_mandate(type_: str, code: str) -> bool:
    """Whether a debit of this type that came back for this reason has ended the payer's consent."""
    return type_ in MANDATE_ENDS and code in ENDS_ITS_MANDATE


def failed_debit(code: str) -> FailedDebit:
    """What a failure code means; one that nobody knows is the bank's plain no."""
    return FAILED_DEBITS.get(code, FailedDebit("payment_intent_payment_attempt_failed", "The payment failed."))
