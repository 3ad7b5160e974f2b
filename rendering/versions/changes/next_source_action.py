"""What a buyer has to do next was what a source needs."""

from rendering.versions.base import Change, Shown, in_order, renamed

NEW, OLD = "redirect_to_url", "authorize_with_url"


def _older(intent: Shown) -> Shown:
    action = intent.get("next_action")
    if action and action["type"] == NEW:
        intent["next_action"] = in_order(renamed(action, NEW, OLD) | {"type": OLD})
    return renamed(intent, "next_action", "next_source_action")


CHANGE = Change(
    since="2019-02-11",
    title=f"A PaymentIntent has a `next_action`, of type `{NEW}`; before, a `next_source_action`, of type `{OLD}`",
    source="https://docs.stripe.com/changelog/2019-02-11/renames-next-source-action-next-action",
    known_from="changelog, types",
    shows={"payment_intent": _older},
)
