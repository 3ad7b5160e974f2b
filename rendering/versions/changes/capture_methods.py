"""Money is taken at once or, since, a moment later."""

from rendering.versions.base import Change, Given


def _automatic(given: Given) -> Given:
    return given if given.get("capture_method") else {**given, "capture_method": "automatic"}


CHANGE = Change(
    since="2024-04-10",
    title="`capture_method` is `automatic_async` where a request does not say; before, `automatic`",
    source="https://docs.stripe.com/changelog/2024-04-10/automatic-sync-default-paymentintents",
    known_from="changelog",
    takes={"payment_intents.create": _automatic},
)
