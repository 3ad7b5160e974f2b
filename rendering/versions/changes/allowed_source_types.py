"""Types of payment methods were types of sources."""

from rendering.versions.base import Change, Given, Shown, renamed

NEW, OLD = "payment_method_types", "allowed_source_types"


def _older(intent: Shown) -> Shown:
    return renamed(intent, NEW, OLD)


def _newer(given: Given) -> Given:
    return {NEW if name == OLD else name: value for name, value in given.items()}


CHANGE = Change(
    since="2019-02-11",
    title=f"`{NEW}` of a PaymentIntent is called so; before, `{OLD}`, in requests as well",
    source="https://docs.stripe.com/changelog/2019-02-11/renames-allowed-source-types-payment-method-types",
    known_from="changelog, recording",
    shows={"payment_intent": _older},
    takes={"payment_intents.create": _newer, "payment_intents.update": _newer},
    params={NEW: OLD},
)
