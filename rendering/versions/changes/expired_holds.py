"""A hold whose time is up says so."""

from rendering.versions.base import Change, Shown


def _automatic(intent: Shown) -> Shown:
    if intent.get("cancellation_reason") == "expired":
        intent["cancellation_reason"] = "automatic"
    return intent


CHANGE = Change(
    since="2025-03-31.basil",
    title="A PaymentIntent whose hold has expired has the `cancellation_reason` `expired`; before, `automatic`",
    source="https://support.stripe.com/questions/changes-to-balance-transaction-behavior-for-partial-capture-and-"
    "payment-cancellation-flows",
    known_from="changelog, types",
    shows={"payment_intent": _automatic},
)
