"""A charge that went through has succeeded."""

from rendering.versions.base import Change, Shown


def _paid(charge: Shown) -> Shown:
    if charge["status"] == "succeeded":
        charge["status"] = "paid"
    return charge


CHANGE = Change(
    since="2015-02-18",
    title="A charge that went through is `succeeded`; before, `paid`",
    source="https://docs.stripe.com/changelog/2015-02-18/charges-succeed-have-succeeded-status",
    known_from="changelog",
    shows={"charge": _paid},
)
