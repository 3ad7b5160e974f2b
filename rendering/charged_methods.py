"""`payment_method_details` of charges that are not by card: what each type shows of the money's way.

Keys by type are those of Stripe's own types; tests/e2e/test_families.py holds every one to them.
"""

from domain.model.charges import Charge
from domain.model.hashes import JsonObject

_BANK = ("bank_code", "bank_name", "bic")
_SEPA = ("generated_sepa_debit", "generated_sepa_debit_mandate", "iban_last4")

KEYS: dict[str, tuple[str, ...]] = {
    "acss_debit": ("bank_name", "fingerprint", "institution_number", "last4", "transit_number"),
    "affirm": ("transaction_id",),
    "afterpay_clearpay": ("order_id", "reference"),
    "alipay": ("fingerprint", "transaction_id"),
    "alma": ("transaction_id",),
    "amazon_pay": ("transaction_id",),
    "au_becs_debit": ("bsb_number", "fingerprint", "last4"),
    "bacs_debit": ("fingerprint", "last4", "mandate", "sort_code"),
    "bancontact": (*_BANK, *_SEPA, "preferred_language", "verified_name"),
    "billie": ("transaction_id",),
    "bizum": ("buyer_id", "transaction_id"),
    "blik": ("buyer_id",),
    "boleto": ("tax_id",),
    "cashapp": ("buyer_id", "cashtag", "transaction_id"),
    "eps": ("bank", "verified_name"),
    "fpx": ("account_holder_type", "bank", "transaction_id"),
    "giropay": (*_BANK, "verified_name"),
    "grabpay": ("transaction_id",),
    "ideal": ("bank", "bic", *_SEPA, "transaction_id", "verified_name"),
    "kakao_pay": ("buyer_id", "transaction_id"),
    "klarna": ("payer_details", "payment_method_category", "preferred_locale"),
    "konbini": ("store",),
    "kr_card": ("brand", "buyer_id", "last4", "transaction_id"),
    "link": ("country",),
    "mobilepay": ("card",),
    "multibanco": ("entity", "reference"),
    "naver_pay": ("buyer_id", "transaction_id"),
    "nz_bank_account": ("account_holder_name", "bank_code", "bank_name", "branch_code", "last4", "suffix"),
    "oxxo": ("number",),
    "p24": ("bank", "reference", "verified_name"),
    "paynow": ("reference",),
    "payco": ("buyer_id", "transaction_id"),
    "paypal": ("country", "payer_email", "payer_id", "payer_name", "seller_protection", "transaction_id"),
    "payto": ("bsb_number", "last4", "pay_id"),
    "pix": ("bank_transaction_id",),
    "promptpay": ("reference",),
    "revolut_pay": ("transaction_id",),
    "samsung_pay": ("buyer_id", "transaction_id"),
    "satispay": ("transaction_id",),
    "scalapay": ("transaction_id",),
    "sepa_debit": ("bank_code", "branch_code", "country", "fingerprint", "last4", "mandate"),
    "sequra": ("transaction_id",),
    "sofort": (*_BANK, "country", *_SEPA, "preferred_language", "verified_name"),
    "sunbit": ("transaction_id",),
    "swish": ("fingerprint", "payment_reference", "verified_phone_last4"),
    "upi": ("vpa",),
    "us_bank_account": (
        "account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "payment_reference",
        "routing_number",
    ),
    "wechat_pay": ("fingerprint", "transaction_id"),
}  # fmt: skip
"""Types not listed show an empty hash."""

WITH_MANDATE = frozenset({"acss_debit", "au_becs_debit", "bacs_debit", "payto", "sepa_debit", "us_bank_account"})
"""Types whose charges name the buyer's consent, where there is one."""

VERIFIED_NAME = frozenset({"bancontact", "eps", "giropay", "ideal", "p24", "sofort"})
"""Banks that say who has paid; ours repeats the name it was given."""


def details(charge: Charge) -> JsonObject:
    """The hash of the type the charge was made with."""
    method = charge.payment_method
    known: JsonObject = {**method.details, **charge.paid_with}
    if charge.status == "succeeded":
        known |= dict.fromkeys(("transaction_id", "payment_reference", "bank_transaction_id"), charge.authorization)
        known.setdefault("reference", charge.authorization)
        if method.type in VERIFIED_NAME:
            known["verified_name"] = method.billing_details.name
    if charge.mandate and method.type in WITH_MANDATE:
        known["mandate"] = charge.mandate
    names = KEYS.get(method.type, ())
    shown = {name: known.get(name) for name in names}
    if method.type == "nz_bank_account":
        shown |= {name: known.get(name) or "" for name in ("bank_code", "bank_name", "branch_code", "last4")}
    return shown | ({"mandate": charge.mandate} if "mandate" in known and "mandate" not in names else {})
