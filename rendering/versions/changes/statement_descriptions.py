"""What a buyer's statement says of a charge."""

from rendering.versions.base import Change, Shown, renamed


def _older(charge: Shown) -> Shown:
    return renamed(charge, "statement_descriptor", "statement_description")


CHANGE = Change(
    since="2014-12-17",
    title="A charge has a `statement_descriptor`; before, it is called `statement_description`",
    source="https://docs.stripe.com/changelog/2014-12-17/introduces-statement-description-field-logic",
    known_from="changelog",
    shows={"charge": _older},
)
