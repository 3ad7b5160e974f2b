"""Payments of invoices are objects of their own: a PaymentIntent and a charge do not name their invoice."""

from rendering.versions.base import Change, Shown, in_order, is_whole, with_keys

EXPANDABLE = {"anyOf": [{"type": "string"}, {"type": "null"}], "x-expands": ""}


def _of_intent(intent: Shown) -> Shown:
    return with_keys(intent, invoice=None) if is_whole(intent) else intent


def _of_charge(charge: Shown) -> Shown:
    return with_keys(charge, invoice=None)


def _described(described: Shown) -> Shown:
    return described | {"properties": in_order(described["properties"] | {"invoice": EXPANDABLE})}


CHANGE = Change(
    since="2025-03-31.basil",
    title="`invoice` is gone from PaymentIntent and Charge; before, it is there, and null here: there are no invoices",
    source="https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices",
    known_from="changelog, types",
    shows={"payment_intent": _of_intent, "charge": _of_charge},
    describes={"payment_intent": _described, "charge": _described},
)
