"""What was tried when a payment failed, by its type."""

from rendering.versions.base import Change, Shown


def _without_the_type(intent: Shown) -> Shown:
    error = intent.get("last_payment_error")
    if error is not None:
        told = {name: value for name, value in error.items() if name != "payment_method_type"}
        intent["last_payment_error"] = told
    return intent


CHANGE = Change(
    since="2026-07-29.dahlia",
    title="`last_payment_error` has the `payment_method_type` of what was tried; before, it does not",
    source="https://github.com/Kiln-AI/stripe_world",
    known_from="recording, guess",
    shows={"payment_intent": _without_the_type},
)
"""Recordings of 2023 to 2026-06-24.dahlia have none, those of 2026-08-26.dahlia one each; no changelog tells of it."""
