"""Whether a charge names its dispute, and keys of what it had before there were PaymentIntents."""

from rendering.versions.base import Change, Shown, in_order, with_keys

EXPANDABLE = {"anyOf": [{"type": "string"}, {"type": "null"}], "x-expands": "dispute"}


def _older_keys(charge: Shown) -> Shown:
    return with_keys(charge, destination=None, dispute=None, order=None)


def _described(charge: Shown) -> Shown:
    return charge | {"properties": in_order(charge["properties"] | {"dispute": EXPANDABLE})}


NAMED = Change(
    since="2023-08-16",
    title="A charge is `disputed`; before, it has `dispute`, too, and `destination` and `order`, null here",
    source="https://github.com/stripe/stripe-node/blob/master/CHANGELOG.md#1300---2023-08-16",
    known_from="types, recording",
    shows={"charge": _older_keys},
    describes={"charge": _described},
)
WHOLE = Change(
    since="2017-02-14",
    title="`dispute` of a charge is an id; before, it is the whole dispute",
    source="https://docs.stripe.com/changelog/2017-02-14/charges-specify-dispute-associated-transaction",
    known_from="changelog",
)
"""Both are put in before the charge is led back, by including.py: a charge does not know its dispute's id."""
