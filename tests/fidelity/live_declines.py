"""Declines of Stripe's test cards, most as recorded from live Stripe (2026-06-24.dahlia): one line each."""

from dataclasses import dataclass
from typing import Literal

NO = "Your card was declined."
OFTEN = "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."
LATER = "An error occurred while processing your card. Try again in a little bit."


@dataclass(frozen=True)
class Declining:
    """A test card by its name, and all that is said of its decline but the objects; None is absent.

    `known` says where that is known from, as in live_errors.py; "docs" knows nothing of what the networks say.
    """

    card: str
    code: str
    decline_code: str
    param: str | None
    advice_code: str | None
    network_advice_code: str | None
    network_decline_code: str | None
    message: str
    known: Literal["rec", "docs", "msg"] = "rec"

    def said(self) -> dict[str, str]:
        """As the error has it."""
        doc = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        fields = {
            "advice_code": self.advice_code,
            "code": self.code,
            "decline_code": self.decline_code,
            "doc_url": doc,
            "message": self.message,
            "network_advice_code": self.network_advice_code,
            "network_decline_code": self.network_decline_code,
            "param": self.param,
            "type": "card_error",
        }
        return {name: value for name, value in fields.items() if value is not None}


_C, _AGAIN, _NEVER, _CHECK = "card_declined", "try_again_later", "do_not_try_again", "confirm_card_data"

DECLINING = [
    Declining("visa_chargeDeclined", _C, "generic_decline", None, _AGAIN, None, "01", NO),
    Declining("visa_chargeDeclinedInsufficientFunds", _C, "insufficient_funds", None, _AGAIN, "02", "51",
              "Your card has insufficient funds."),
    Declining("visa_chargeDeclinedLostCard", _C, "lost_card", None, _NEVER, "01", "41", NO),
    Declining("visa_chargeDeclinedStolenCard", _C, "stolen_card", None, _NEVER, "01", "43", NO),
    Declining("chargeDeclinedExpiredCard", "expired_card", "expired_card", "exp_month", _CHECK, "03", "54",
              "Your card has expired."),
    Declining("chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "cvc", _CHECK, "03", "N7",
              "Your card's security code is incorrect."),
    Declining("chargeDeclinedProcessingError", "processing_error", "processing_error", None, _AGAIN, None, "06", LATER),
    Declining("visa_chargeDeclinedVelocityLimitExceeded", _C, "card_velocity_exceeded", None, _AGAIN, "02", "61",
              OFTEN),
]  # fmt: skip

TOLD = [
    Declining("avsZipFail", "incorrect_zip", "incorrect_zip", "address_zip", None, None, None,
              "Your card could not be authorized using the postal code provided. Please update the postal code, or "
              "contact your card issuer for further details.", known="msg"),
    Declining("radarBlock", _C, "fraudulent", None, _NEVER, None, None, NO, known="docs"),
]  # fmt: skip
"""Declines of which the networks' codes are not known; the first is one only for accounts that block it."""
