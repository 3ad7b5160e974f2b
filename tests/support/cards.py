"""A shop that takes cards and says so: what most tests are about, and confirm from a server, with nobody to send away.

Whoever says anything about types, or leaves them to the account, is left alone.
"""

ONLY_CARDS = "allowed_payment_method_types[0]=card"
SAYS_SOMETHING = ("payment_method_types", "automatic_payment_methods", "payment_method_configuration")


def with_cards(path: str, form: str) -> str:
    """The form of a request; that which creates a PaymentIntent says that it takes cards, unless it says otherwise."""
    if not path.endswith("/v1/payment_intents") or any(name in form for name in SAYS_SOMETHING):
        return form
    return f"{form}&{ONLY_CARDS}" if form else ONLY_CARDS
