"""Hashes that an update of a payment method has taken, and that have never changed anything in it."""

from collections.abc import Callable

from rendering.versions.base import Change, Given


def _without(*names: str) -> Callable[[Given], Given]:
    return lambda given: {name: value for name, value in given.items() if name not in names}


PAYTO = Change(
    since="2026-09-30.endive",
    title="The update of a payment method does not take `payto` any more; before, it is taken, without an effect",
    source="https://docs.stripe.com/changelog/endive/2026-09-30/removed-payto-fields",
    known_from="types",
    takes={"payment_methods.update": _without("payto")},
)
LINK = Change(
    since="2025-09-30.clover",
    title="The update of a payment method does not take `link` and `pay_by_bank` any more; before, they are taken, "
    "without an effect",
    source="https://github.com/stripe/stripe-node/blob/master/CHANGELOG.md#1900---2025-09-30",
    known_from="types",
    takes={"payment_methods.update": _without("link", "pay_by_bank")},
)
NAVER_PAY = Change(
    since="2025-03-31.basil",
    title="The update of a payment method does not take `naver_pay` any more; before, it is taken, without an effect",
    source="https://docs.stripe.com/changelog/basil/2025-03-31/naver-pay-payment-method",
    known_from="changelog",
    takes={"payment_methods.update": _without("naver_pay")},
)
