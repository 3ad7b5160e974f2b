"""Refunds of a charge are a list with pages."""

from rendering.versions.base import Change, Shown


def _plain(charge: Shown) -> Shown:
    if isinstance(charge.get("refunds"), dict):
        charge["refunds"] = charge["refunds"]["data"]
    return charge


CHANGE = Change(
    since="2014-06-17",
    title="`refunds` of a charge is a list object; before, an array",
    source="https://docs.stripe.com/changelog/2014-06-17/invoices-include-refunds-sublist-refunds-field",
    known_from="changelog",
    shows={"charge": _plain},
)
