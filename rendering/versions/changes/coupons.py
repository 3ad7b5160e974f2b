"""A customer is given coupons as discounts. There are no coupons here, so the old words find none."""

from rendering.versions.base import Change, Given, RequestRefused

WORDS = {"coupon": "coupon", "promotion_code": "promotion code"}


def _nobody_knows(given: Given) -> Given:
    for param, word in WORDS.items():
        if given.get(param):
            text = f"No such {word}: '{str(given[param])[:100]}'"
            raise RequestRefused(text, code="resource_missing", param=param)
    return {name: value for name, value in given.items() if name not in WORDS}


CHANGE = Change(
    since="2025-03-31.basil",
    title="Customers do not take `coupon` and `promotion_code` any more; before, they do, and none is known here",
    source="https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-singular-coupon-promotion-code",
    known_from="changelog, types",
    takes={"customers.create": _nobody_knows, "customers.update": _nobody_knows},
)
