"""Declines: what a bank's no is called, and how it reads. A new decline code is one row here.

Source: docs.stripe.com/declines/codes and docs.stripe.com/error-codes. Some declines are error codes of their own
(`expired_card`), the others all read `card_declined` and say more in `decline_code`.
"""

DECLINED = "Your card was declined."

ERROR_CODES = frozenset(
    {
        "authentication_required",
        "expired_card",
        "incorrect_cvc",
        "processing_error",
        "incorrect_number",
        "incorrect_zip",
    }
)
"""Decline codes that are also the error's `code`; every other one has the code `card_declined`."""

MESSAGES = {
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "authentication_not_handled": "This payment required an authentication action to complete, but "
    "`error_on_requires_action` was set. When you're ready, you can upgrade your integration to handle actions at "
    "https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions.",
    "card_not_supported": "Your card is not supported.",
    "currency_not_supported": "Your card does not support this currency.",
    "duplicate_transaction": "A transaction with identical amount and card information was submitted very recently.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "incorrect_number": "Your card number is incorrect.",
    "incorrect_zip": "Your card's zip code failed validation.",
    "insufficient_funds": "Your card has insufficient funds.",
    "invalid_account": "Your card was declined. The card, or the account it is connected to, is invalid.",
    "invalid_amount": "Your card does not allow this amount.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "testmode_decline": "Your card was declined. Your request used a real card while testing.",
}

ADVICE = {
    "do_not_honor": "try_again_later",
    "expired_card": "do_not_try_again",
    "fraudulent": "do_not_try_again",
    "generic_decline": "try_again_later",
    "incorrect_cvc": "confirm_card_data",
    "incorrect_number": "confirm_card_data",
    "insufficient_funds": "try_again_later",
    "lost_card": "do_not_try_again",
    "processing_error": "try_again_later",
    "stolen_card": "do_not_try_again",
}
"""What Stripe advises the merchant to do next; absent where it advises nothing."""


def error_code(decline_code: str) -> str:
    """The error code under which a decline is reported."""
    return decline_code if decline_code in ERROR_CODES else "card_declined"


def message(decline_code: str) -> str:
    """What the buyer may be told; never more than the bank allows."""
    return MESSAGES.get(decline_code, DECLINED)
