"""Ways to pay as people call them, for pages that buyers see."""

from domain.model.payment_methods import PaymentMethod

METHODS = {
    "acss_debit": "Pre-authorized debit (Canada)", "afterpay_clearpay": "Afterpay",
    "au_becs_debit": "BECS Direct Debit", "bacs_debit": "Bacs Direct Debit", "blik": "BLIK",
    "cashapp": "Cash App Pay", "customer_balance": "Bank transfer", "eps": "EPS", "fpx": "FPX", "grabpay": "GrabPay",
    "ideal": "iDEAL", "kr_card": "Korean cards", "mb_way": "MB WAY", "mobilepay": "MobilePay",
    "nz_bank_account": "Bank debit (New Zealand)", "oxxo": "OXXO", "p24": "Przelewy24", "pay_by_bank": "Pay by bank",
    "paynow": "PayNow", "paypal": "PayPal", "paypay": "PayPay", "payto": "PayTo", "promptpay": "PromptPay",
    "sepa_debit": "SEPA Direct Debit", "sequra": "seQura", "twint": "TWINT", "upi": "UPI",
    "us_bank_account": "US bank account", "wechat_pay": "WeChat Pay",
}  # fmt: skip
"""Where one is not spelt as its type is."""

BRANDS = {
    "amex": "American Express", "diners": "Diners Club", "eftpos_au": "eftpos Australia", "jcb": "JCB",
    "unionpay": "UnionPay", "unknown": "Card",
}  # fmt: skip


def called(type_: str) -> str:
    """What people call a type of payment method."""
    return METHODS.get(type_) or _spelt(type_)


def described(method: PaymentMethod) -> str:
    """A payment method as its owner knows it: what it is, and how its number ends, where it has one."""
    card, details = method.card, method.details
    name = BRANDS.get(card.brand) or _spelt(card.brand) if card else called(method.type)
    last4 = card.last4 if card else details.get("last4")
    return f"{name} ending in {last4}" if last4 else name


def _spelt(name: str) -> str:
    return " ".join(word.capitalize() for word in name.split("_"))
