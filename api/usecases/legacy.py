"""What Stripe takes no more from accounts that have never had the switch for it: cards as sources of customers."""

from typing import Any

from api.dialect.errors import invalid_request

END_OF_LIFE = (
    "Card Token usage on the Customers API and Charges API has reached end of life. In order to continue processing "
    "your payments, you will need to use the Payment Intents and Payment Methods API. Read more about what you should "
    "do here: https://docs.stripe.com/payments/payment-methods/integration-options. If you need to continue to use "
    "Card Tokens on the Customers and Charges API, enable this functionality in your API policies settings: "
    "https://dashboard.stripe.com/settings/developers/api-policies"
)


def check_legacy(given: Any) -> None:
    """Refuse a `source` or a `card`, in live Stripe's words.

    Raises:
        StripeError: there is one.
    """
    if given.source is not None or given.card is not None:
        raise invalid_request(END_OF_LIFE)
