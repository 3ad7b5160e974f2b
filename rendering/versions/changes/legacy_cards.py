"""The card in a token, as cards were before there were payment methods."""

from rendering.versions.base import Change, Shown, renamed, with_keys

CHECKS = ("address_line1_check", "address_zip_check", "cvc_check")
ANSWERS = {"unavailable": "unchecked", "unchecked": None}


def _unasked(card: Shown) -> Shown:
    answers = {name: ANSWERS.get(card[name], card[name]) for name in CHECKS}
    return with_keys(card | answers, customer=None)


def _typed(card: Shown) -> Shown:
    return renamed(card, "brand", "type")


ASKED = Change(
    since="2014-12-22",
    title="A check of a token's card is `unchecked` until its bank was asked, and `unavailable` where that cannot "
    "tell; before, null, and `unchecked`. And it has a `customer` there, null here",
    source="https://docs.stripe.com/changelog/2014-12-22/cards-use-unchecked-unavailable-address-cvc-checks",
    known_from="changelog",
    shows={"card": _unasked},
)
BRAND = Change(
    since="2014-06-13",
    title="A token's card has a `brand`; before, it is called `type`",
    source="https://docs.stripe.com/changelog/2014-06-13/renames-type-field-cards-brand",
    known_from="changelog",
    shows={"card": _typed},
)
