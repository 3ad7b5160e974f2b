"""`additionalData`: what an answer may say beyond its result. Every field is there if the account's settings want it.

Names: Adyen's OpenAPI, ResponseAdditionalDataCommon and …Card. What the digits of `cvcResult` and `avsResult` mean:
activemerchant's adyen.rb. Values are texts, numbers and booleans too. Pure.
"""

from collections.abc import Mapping
from typing import Any

from domain.model.hashes import Hash

CVC = {"1": "pass", "2": "fail", "3": "unchecked", "5": "unavailable"}
"""0 unknown, 4 missing, 6 none given: nothing was found out."""

_PASS, _FAIL, _UNKNOWN = "pass", "fail", "unavailable"

AVS: dict[int, tuple[str, str]] = {
    1: (_PASS, _FAIL), 2: (_FAIL, _FAIL), 3: (_UNKNOWN, _UNKNOWN), 4: (_UNKNOWN, _UNKNOWN), 6: (_FAIL, _PASS),
    7: (_PASS, _PASS), 9: (_PASS, _UNKNOWN), 10: (_FAIL, _UNKNOWN), 12: (_PASS, _UNKNOWN), 13: (_FAIL, _UNKNOWN),
    14: (_UNKNOWN, _PASS), 15: (_UNKNOWN, _PASS), 16: (_UNKNOWN, _FAIL), 17: (_UNKNOWN, _FAIL),
    18: (_UNKNOWN, _UNKNOWN), 19: (_FAIL, _PASS), 20: (_PASS, _PASS), 21: (_PASS, _FAIL), 22: (_FAIL, _FAIL),
    23: (_FAIL, _PASS), 24: (_PASS, _PASS), 25: (_PASS, _FAIL), 26: (_FAIL, _FAIL),
}  # fmt: skip
"""First line and postal code, by the number that `avsResult` begins with. 0, 5, 8 and 11: nothing was found out."""

RISK = {"verylow": "normal", "low": "normal", "medium": "elevated", "high": "elevated", "veryhigh": "highest",
        "green": "normal", "amber": "elevated", "red": "highest"}  # fmt: skip
"""`fraudRiskLevel` or `fraudResultType` as Stripe's level of risk."""

BRANDS = {
    "visa": "visa", "mc": "mastercard", "amex": "amex", "jcb": "jcb", "diners": "diners", "discover": "discover",
    "cup": "unionpay", "cartebancaire": "cartes_bancaires", "eftpos_australia": "eftpos_au",
}  # fmt: skip
"""`paymentMethod` as Stripe's brand; its variants (`visacredit`, `mcdebit`) begin with it."""

FUNDING = {"CREDIT": "credit", "CHARGE": "credit", "DEBIT": "debit", "PREPAID": "prepaid"}

AUTHENTICATION_RESULTS = {"Y": "authenticated", "A": "attempt_acknowledged", "N": "failed", "U": "processing_error"}
"""`threeDAuthenticatedResponse` (the directory's or the bank's status) as Stripe's `three_d_secure.result`."""


def additional(body: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an answer, as far as they are texts."""
    given = body.get("additionalData")
    return {name: value for name, value in given.items() if isinstance(value, str)} if isinstance(given, dict) else {}


def checks(data: Mapping[str, str], *, line1: bool, postal_code: bool) -> dict[str, str | None]:
    """What became of the code and the address; of what was not given, nothing is said."""
    line, code = AVS.get(_leading(data.get("avsResult")), (None, None))
    return {
        "cvc_check": CVC.get(data.get("cvcResult", "")[:1]),
        "address_line1_check": line if line1 else None,
        "address_postal_code_check": code if postal_code else None,
    }


def _leading(text: str | None) -> int:
    digits = (text or "").split(" ", 1)[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 2 else -1


def risk(data: Mapping[str, str], body: Mapping[str, Any]) -> tuple[str, int]:
    """Level and score (0 to 100); what is not told is normal."""
    level = RISK.get((data.get("fraudRiskLevel") or data.get("fraudResultType") or "").lower(), "normal")
    result = body.get("fraudResult")
    score = result.get("accountScore") if isinstance(result, dict) else None
    return level, min(100, max(0, score)) if isinstance(score, int) else 0


def network_transaction(data: Mapping[str, str]) -> str | None:
    """What links a later payment to this one, at the network."""
    return data.get("networkTxReference") or data.get("visaTransactionId") or data.get("transactionLinkId")


def three_d_secure(data: Mapping[str, str]) -> Hash | None:
    """How the buyer was authenticated; None where nobody tried, or it is not told."""
    if data.get("threeDOffered") != "true" and data.get("threeDAuthenticated") != "true":
        return None
    proven = "authenticated" if data.get("threeDAuthenticated") == "true" else "not_supported"
    said: Hash = {
        "result": AUTHENTICATION_RESULTS.get(data.get("threeDAuthenticatedResponse", ""), proven),
        "version": data.get("threeDSVersion"),
        "electronic_commerce_indicator": data.get("eci") if data.get("eci") != "N/A" else None,
        "transaction_id": data.get("dsTransID"),
    }
    return {name: value for name, value in said.items() if value is not None}


def brand(method: str) -> str:
    """Stripe's name of a card's brand, from Adyen's."""
    plain = method.lower()
    if plain in BRANDS:
        return BRANDS[plain]
    return next((ours for theirs, ours in BRANDS.items() if plain.startswith(theirs)), "unknown")
