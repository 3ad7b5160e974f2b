"""Who does not name types leaves them to the configuration of the account."""

from rendering.versions.base import Change, Given

NAMING = ("payment_method_types", "automatic_payment_methods", "allowed_payment_method_types",
          "excluded_payment_method_types", "payment_method_configuration", "confirmation_token")  # fmt: skip
"""What says, each in its way, which types are taken."""


def _cards(given: Given) -> Given:
    return given if any(name in given for name in NAMING) else {**given, "payment_method_types": ["card"]}


CHANGE = Change(
    since="2023-08-16",
    title="A PaymentIntent or SetupIntent without named types takes what its account offers; before, cards",
    source="https://docs.stripe.com/changelog/2023-08-16/automatic-payment-methods",
    known_from="changelog, recording",
    takes={"payment_intents.create": _cards, "setup_intents.create": _cards},
)
