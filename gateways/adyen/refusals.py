"""Adyen's refusals as Stripe's decline codes: `refusalReasonCode`, and the bank's own words where they say more. Pure.

Adyen moves raw reasons between its codes at times, so nothing here goes by a text of Adyen's but the raw code. The
texts themselves are not for buyers; what buyers read is domain/money/declines.py. Sources:
docs.adyen.com/development-resources/refusal-reasons and testing/result-codes; 50 is from one table of others' only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.model.outcomes import Declined


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Adyen calls it, what Stripe does; `blocked` says that no bank has refused it, but Adyen or a rule there.

    `raw` are codes of banks that say it more precisely.
    """

    text: str
    decline_code: str
    blocked: bool = False
    raw: Mapping[str, str] = field(default_factory=dict)


GENERIC = "generic_decline"
UNAUTHENTICATED = "authentication_required"

REFUSALS: dict[str, Refusal] = {
    "2": Refusal("Refused", GENERIC, raw={"05": "do_not_honor", "57": "transaction_not_allowed"}),
    "3": Refusal("Referral", "call_issuer"),
    "4": Refusal("Acquirer Error", "processing_error"),
    "5": Refusal("Blocked Card", "pickup_card", raw={"41": "lost_card", "43": "stolen_card"}),
    "6": Refusal("Expired Card", "expired_card"),
    "7": Refusal("Invalid Amount", "invalid_amount"),
    "8": Refusal("Invalid Card Number", "incorrect_number"),
    "9": Refusal("Issuer Unavailable", "issuer_not_available"),
    "10": Refusal("Not supported", "card_not_supported"),
    "11": Refusal("3D Not Authenticated", UNAUTHENTICATED),
    "12": Refusal("Not enough balance", "insufficient_funds"),
    "14": Refusal("Acquirer Fraud", "fraudulent"),
    "15": Refusal("Cancelled", UNAUTHENTICATED),
    "16": Refusal("Shopper Cancelled", UNAUTHENTICATED),
    "17": Refusal("Invalid Pin", "incorrect_pin"),
    "18": Refusal("Pin tries exceeded", "pin_try_exceeded"),
    "19": Refusal("Pin validation not possible", "processing_error"),
    "20": Refusal("FRAUD", "fraudulent", blocked=True),
    "21": Refusal("Not Submitted", "processing_error"),
    "22": Refusal("FRAUD-CANCELLED", "fraudulent", blocked=True),
    "23": Refusal("Transaction Not Permitted", "transaction_not_allowed"),
    "24": Refusal("CVC Declined", "incorrect_cvc"),
    "25": Refusal("Restricted Card", "restricted_card"),
    "26": Refusal("Revocation Of Auth", "revocation_of_authorization", raw={"R1": "revocation_of_all_authorizations"}),
    "27": Refusal("Declined Non Generic", GENERIC),
    "28": Refusal("Withdrawal amount exceeded", "withdrawal_count_limit_exceeded"),
    "29": Refusal("Withdrawal count exceeded", "card_velocity_exceeded"),
    "31": Refusal("Issuer Suspected Fraud", "fraudulent"),
    "32": Refusal("AVS Declined", "incorrect_zip"),
    "33": Refusal("Card requires online pin", "online_or_offline_pin_required"),
    "34": Refusal("No checking account available on Card", "invalid_account"),
    "35": Refusal("No savings account available on Card", "invalid_account"),
    "36": Refusal("Mobile pin required", "online_or_offline_pin_required"),
    "37": Refusal("Contactless fallback", GENERIC),
    "38": Refusal("Authentication required", UNAUTHENTICATED),
    "39": Refusal("RReq not received from DS", "processing_error"),
    "40": Refusal("Current AID is in Penalty Box", "processing_error"),
    "41": Refusal("CVM Required Restart Payment", GENERIC),
    "42": Refusal("3DS Authentication Error", "processing_error"),
    "43": Refusal("Online PIN required", "online_or_offline_pin_required"),
    "44": Refusal("Try another interface", GENERIC),
    "45": Refusal("Chip downgrade mode", GENERIC),
    "46": Refusal("Transaction blocked by Adyen to prevent excessive retry fees", GENERIC, blocked=True),
    "50": Refusal("Token Revoked", "invalid_account"),
}
"""By `refusalReasonCode`. 0 is none: it goes with what was authorized."""

ERRORED = Refusal("(Error)", "processing_error")
REFUSED = Refusal("(Refused)", GENERIC)
"""Of a code that is not listed only the result counts."""

NETWORK_CODE = re.compile(r"\s*([0-9A-Z]{2})\s*(?::|$)")
"""`refusalReasonRaw` is `51 : Insufficient funds`, where the bank has said a code at all."""

ADVICE = re.compile(r"\s*(\d{2})\b")


def declined(result: str, body: Mapping[str, object], data: Mapping[str, str]) -> Declined:
    """The decline of an answer with this `resultCode` and `additionalData`; the network's codes are kept as told."""
    code = network_code(data.get("refusalReasonRaw"))
    known = REFUSALS.get(str(body.get("refusalReasonCode") or ""), ERRORED if result == "Error" else REFUSED)
    advice = ADVICE.match(data.get("merchantAdviceCode", ""))
    return Declined(
        decline_code=known.raw.get(code or "", known.decline_code),
        blocked=known.blocked,
        network_decline_code=code,
        network_advice_code=advice[1] if advice else None,
    )


def network_code(raw: str | None) -> str | None:
    """The code that the card's network has given for it, if Adyen passes it on."""
    found = NETWORK_CODE.match(raw or "")
    return found[1] if found else None
