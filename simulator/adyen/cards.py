"""How cards behave at this Adyen: Adyen's own test numbers, and Stripe's, which the demo's buyers know. Data only.

Sources: docs.adyen.com, test card numbers; Adyen/adyen-web (e2e-playwright, constants.ts); docs.stripe.com/testing.
"""

from dataclasses import dataclass

REDIRECT, PENDING, APPROVE = "redirect", "pending", "approve"
"""Conducts that are no refusal; any other is a `refusalReasonCode`, and the bank's own code behind a slash."""

REFUSALS = {
    "2": ("Refused", "05 : Do not honor"), "3": ("Referral", "01 : Refer to card issuer"),
    "4": ("Acquirer Error", "96 : System malfunction"), "5": ("Blocked Card", "62 : Restricted card"),
    "6": ("Expired Card", "54 : Expired card"), "7": ("Invalid Amount", "13 : Invalid amount"),
    "8": ("Invalid Card Number", "14 : Invalid card number"), "9": ("Issuer Unavailable", "91 : Issuer unavailable"),
    "10": ("Not supported", "57 : Transaction not permitted"), "11": ("3D Not Authenticated", "3D Not Authenticated"),
    "12": ("Not enough balance", "51 : Insufficient funds"), "14": ("Acquirer Fraud", "59 : Suspected fraud"),
    "15": ("Cancelled", "Cancelled"), "16": ("Shopper Cancelled", "Shopper Cancelled"),
    "20": ("FRAUD", "FRAUD"), "22": ("FRAUD-CANCELLED", "AUTHORISED"),
    "23": ("Transaction Not Permitted", "57 : Transaction not permitted"), "24": ("CVC Declined", "N7 : CVC mismatch"),
    "25": ("Restricted Card", "62 : Restricted card"), "26": ("Revocation Of Auth", "R1 : Revocation"),
    "27": ("Declined Non Generic", "12 : Invalid transaction"), "28": ("Withdrawal amount exceeded", "61 : Exceeds"),
    "29": ("Withdrawal count exceeded", "65 : Exceeds count"), "31": ("Issuer Suspected Fraud", "59 : Suspected fraud"),
    "32": ("AVS Declined", "AVS"), "38": ("Authentication required", "1A : Authentication required"),
    "46": ("Transaction blocked by Adyen to prevent excessive retry fees", "Blocked"),
}  # fmt: skip
"""Text and raw reason by code."""

RESULTS = {"4": "Error", "0": "Error", "22": "Cancelled", "16": "Cancelled"}
"""`resultCode` where it is not `Refused`."""

HOLDERS = {
    "DECLINED": "2", "REFERRAL": "3", "ERROR": "4", "BLOCK_CARD": "5", "CARD_EXPIRED": "6", "INVALID_AMOUNT": "7",
    "INVALID_CARD_NUMBER": "8", "ISSUER_UNAVAILABLE": "9", "NOT_SUPPORTED": "10", "NOT_3D_AUTHENTICATED": "11",
    "NOT_ENOUGH_BALANCE": "12", "PENDING": PENDING, "ACQUIRER_FRAUD": "14", "FRAUD": "20", "FRAUD_CANCELLED": "22",
    "CVC_DECLINED": "24", "RESTRICTED_CARD": "25", "REVOCATION_OF_AUTH": "26", "DECLINED_NON_GENERIC": "27",
    "APPROVED": APPROVE,
}  # fmt: skip
"""What a `holderName` asks for, in Adyen's test system; so does `additionalData.RequestedTestAcquirerResponseCode`."""

NUMBERS = {
    "4212345678910006": REDIRECT, "4212345678901237": REDIRECT, "5201281505129736": REDIRECT,
    "5000550000000029": REDIRECT, "4000002500003155": REDIRECT, "4000002760003184": REDIRECT,
    "4000000000003220": REDIRECT, "4000008400001629": REDIRECT,
    "4000000000000002": "2", "4000000000009995": "12", "4000000000009987": "5/41 : Lost card",
    "4000000000009979": "5/43 : Stolen card", "4000000000000069": "6", "4000000000000127": "24",
    "4000000000000119": "4", "4000000000006975": "29", "4100000000000019": "20",
}  # fmt: skip
"""By number; any other is approved."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What Adyen shows of a card."""

    brand: str
    last4: str
    expiry_month: str
    expiry_year: str
    holder: str


def plain(said: str) -> str:
    """What Adyen's fields have encrypted; its test system takes `test_` and the text for that."""
    return said.removeprefix("test_").replace(" ", "")


def brand_of(number: str) -> str:
    """Adyen's name of the brand, by the leading digits."""
    if number.startswith(("34", "37")):
        return "amex"
    return {"4": "visa", "5": "mc", "2": "mc", "6": "discover", "3": "jcb"}.get(number[:1], "visa")


def is_number(number: str) -> bool:
    """Whether it can be a card's: digits, and the check digit fits (ISO/IEC 7812-1)."""
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def conduct_of(number: str, holder: str) -> str:
    """How the card behaves: by what its holder's name asks for, else by its number."""
    return HOLDERS.get(holder.partition(" : ")[0], "") or NUMBERS.get(number, APPROVE)
