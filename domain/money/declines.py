"""Declines: what a bank's no is called, how it reads, and what to do about it. A new decline code is one row here.

Source: docs.stripe.com/declines/codes and docs.stripe.com/error-codes; the rows of the first eight test cards are live
Stripe's as recorded in June 2026. What the card network says of a decline (`network_decline_code`,
`network_advice_code`) is the gateway's to tell.
"""

from dataclasses import dataclass

DECLINED = "Your card was declined."


@dataclass(frozen=True, slots=True)
class Decline:
    """What goes with a decline code: what the buyer may be told, and never more than the bank allows.

    `advice` is what Stripe advises the merchant to do next, `param` what is to blame; with `own_code`, the decline code
    is the error's `code` as well. `uncharged` is no word of the bank's, which was not asked: there is neither a charge
    nor a decline code.
    """

    message: str = DECLINED
    advice: str | None = None
    param: str | None = None
    own_code: bool = False
    uncharged: bool = False


AGAIN, NEVER, CHECK = "try_again_later", "do_not_try_again", "confirm_card_data"

DECLINES = {
    "authentication_not_handled": Decline(
        "This payment required an authentication action to complete, but `error_on_requires_action` was set. When "
        "you're ready, you can upgrade your integration to handle actions at "
        "https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions."
    ),
    "authentication_required": Decline(
        "Your card was declined. This transaction requires authentication.", own_code=True
    ),
    "card_not_supported": Decline("Your card is not supported."),
    "card_velocity_exceeded": Decline(
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.", AGAIN
    ),
    "currency_not_supported": Decline("Your card does not support this currency."),
    "do_not_honor": Decline(advice=AGAIN),
    "duplicate_transaction": Decline(
        "A transaction with identical amount and card information was submitted very recently."
    ),
    "expired_card": Decline("Your card has expired.", CHECK, "exp_month", own_code=True),
    "fraudulent": Decline(advice=NEVER),
    "generic_decline": Decline(advice=AGAIN),
    "incorrect_cvc": Decline("Your card's security code is incorrect.", CHECK, "cvc", own_code=True),
    "incorrect_number": Decline("Your card number is incorrect.", CHECK, "number", own_code=True),
    "incorrect_zip": Decline(
        "Your card could not be authorized using the postal code provided. Please update the postal code, or contact "
        "your card issuer for further details.",
        param="address_zip",
        own_code=True,
    ),
    "india_recurring_payment_mandate_canceled": Decline(
        "The provided mandate has been canceled by the card holder.", own_code=True, uncharged=True
    ),
    "insufficient_funds": Decline("Your card has insufficient funds.", AGAIN),
    "invalid_account": Decline("Your card was declined. The card, or the account it is connected to, is invalid."),
    "invalid_amount": Decline("Your card does not allow this amount."),
    "lost_card": Decline(advice=NEVER),
    "previously_declined_do_not_retry": Decline(advice=NEVER),
    "processing_error": Decline(
        "An error occurred while processing your card. Try again in a little bit.", AGAIN, own_code=True
    ),
    "stolen_card": Decline(advice=NEVER),
    "testmode_decline": Decline("Your card was declined. Your request used a real card while testing."),
}

UNKNOWN = Decline()
"""Of a code that is not listed nothing more is said than that it is a no."""


def decline(code: str) -> Decline:
    """What goes with a decline code."""
    return DECLINES.get(code, UNKNOWN)


def error_code(decline_code: str) -> str:
    """The error code under which a decline is reported: its own, or `card_declined`."""
    return decline_code if decline(decline_code).own_code else "card_declined"


def message(decline_code: str) -> str:
    """What the buyer may be told."""
    return decline(decline_code).message
