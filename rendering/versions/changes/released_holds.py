"""What is released of a hold was never taken, so it is no refund.

Stripe decides it when the hold is released, by the version of the request that releases it: the refund is there then,
in every version, with its events, and counts in the charge. What time releases is none, at any version.
"""

from rendering.versions.base import Change, Shown


def _nothing_captured(charge: Shown) -> Shown:
    if not charge["captured"] and charge["amount_captured"] == 0 < charge["amount_refunded"]:
        charge["amount_captured"] = None
    return charge


CHANGE = Change(
    since="2025-03-31.basil",
    title="What a cancel, or a capture of less, releases of a hold is no refund; before, it is a Refund, told of by "
    "`charge.refunded` and `charge.refund.updated`, and counts in `amount_refunded`",
    source="https://docs.stripe.com/changelog/basil/2025-03-31/remove-refund-from-partial-capture-and-payment-"
    "cancellation-flow",
    known_from="changelog, guess",
    shows={"charge": _nothing_captured},
)
