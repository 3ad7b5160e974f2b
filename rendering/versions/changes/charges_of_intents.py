"""A PaymentIntent names its latest charge; its charges are listed elsewhere."""

from rendering.versions.base import Change

CHANGE = Change(
    since="2022-11-15",
    title="`charges` is gone from PaymentIntent; before, it lists them, whole and newest first, beside `latest_charge`",
    source="https://docs.stripe.com/changelog/2022-11-15/removes-charges-attribute-paymentintent",
    known_from="changelog, recording",
    includes={"payment_intent": {"charges": "charge"}},
)
