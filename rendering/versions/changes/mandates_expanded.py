"""A charge's mandate can be opened with `expand`."""

from rendering.versions.base import Change, Shown

TEXT = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def _not_expandable(charge: Shown) -> Shown:
    details = charge["properties"]["payment_method_details"]
    card = details["properties"]["card"]
    card = card | {"properties": card["properties"] | {"mandate": TEXT}}
    details = details | {"properties": details["properties"] | {"card": card}}
    return charge | {"properties": charge["properties"] | {"payment_method_details": details}}


CHANGE = Change(
    since="2026-09-30.endive",
    title="`payment_method_details.card.mandate` of a charge can be expanded; before, it is an id and no more",
    source="https://docs.stripe.com/changelog/endive/2026-09-30/expand-mandate-on-card-payments-details",
    known_from="types, guess",
    describes={"charge": _not_expandable},
)
