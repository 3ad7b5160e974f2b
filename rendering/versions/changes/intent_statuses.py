"""Statuses of a PaymentIntent speak of payment methods; before, of sources."""

from rendering.versions.base import Change, Failure, Shown

OLDER = {"requires_payment_method": "requires_source", "requires_action": "requires_source_action"}


def _of_sources(intent: Shown) -> Shown:
    intent["status"] = OLDER.get(intent["status"], intent["status"])
    return intent


def _said(failure: Failure) -> Failure:
    text = failure.error["message"]
    for newer, older in OLDER.items():
        text = text.replace(newer, older)
    return Failure(failure.status, failure.error | {"message": text})


CHANGE = Change(
    since="2019-02-11",
    title="The statuses are `requires_payment_method` and `requires_action`; before, `requires_source` and "
    "`requires_source_action`, in what errors say as well",
    source="https://docs.stripe.com/changelog/2019-02-11/renames-several-statuses-payment-intents",
    known_from="changelog, guess",
    shows={"payment_intent": _of_sources},
    fails=_said,
)
