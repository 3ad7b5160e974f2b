"""Types of payment methods could be named; since, they can only be allowed or excluded."""

from rendering.versions.base import Change, Given, RequestRefused

NAMED = "payment_method_types"


def _not_any_more(given: Given) -> None:
    """Stripe's documentation has the code; the text is ours."""
    if NAMED in given:
        raise RequestRefused(
            f"The `{NAMED}` parameter is no longer supported in this API version. Leave it out to use dynamic payment "
            "methods, or use `allowed_payment_method_types` or `excluded_payment_method_types`.",
            code="payment_method_types_no_longer_supported",
            param=NAMED,
        )


CHANGE = Change(
    since="2026-09-30.endive",
    title=f"`{NAMED}` is refused; `allowed_payment_method_types` takes its place. Before, it is taken",
    source="https://docs.stripe.com/changelog/endive/2026-09-30/"
    "removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents",
    known_from="changelog, guess",
    refuses=dict.fromkeys(
        (
            *(f"payment_intents.{name}" for name in ("create", "update", "confirm")),
            *(f"setup_intents.{name}" for name in ("create", "update")),
        ),
        _not_any_more,
    ),
)
