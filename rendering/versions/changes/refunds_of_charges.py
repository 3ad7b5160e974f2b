"""A charge shows its refunds when it is asked for them."""

from rendering.versions.base import Change

CHANGE = Change(
    since="2022-11-15",
    title="`refunds` of a charge is shown with `expand` only; before, always",
    source="https://docs.stripe.com/changelog/2022-11-15/deprecates-charges-auto-expand",
    known_from="changelog, recording",
    includes={"charge": {"refunds": "refund"}},
)
