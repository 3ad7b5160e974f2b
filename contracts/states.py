"""The state of an intent as JSON: what travels through Temporal and stays in history, and what the records keep.

Lean: what is as it is by default is left out, which halves it. So a field's default never changes (messages.py has the
other rules), and a reader that knows a field only by its default reads the same.
"""

from typing import Annotated, Any

from pydantic import PlainSerializer, TypeAdapter

from domain.model.outcomes import Effect
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent

_INTENT: TypeAdapter[PaymentIntent] = TypeAdapter(PaymentIntent)
_EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect)


def lean(intent: PaymentIntent) -> dict[str, Any]:
    """The whole state, ledger included: what a parked or closed intent is revived from."""
    state: dict[str, Any] = _INTENT.dump_python(intent, mode="json", exclude_defaults=True, exclude={"pending"})
    if intent.pending is not None:
        # What kind of effect it is, is a default of its class.
        state["pending"] = _EFFECT.dump_python(intent.pending, mode="json", exclude_none=True)
    if intent.accepted is not None:
        state["accepted"]["effect"] = _EFFECT.dump_python(intent.accepted.effect, mode="json", exclude_none=True)
    for shown, ended in zip(state.get("ended_modifications", ()), intent.ended_modifications, strict=False):
        shown["effect"] = _EFFECT.dump_python(ended.effect, mode="json", exclude_none=True)
    return state


def load(state: dict[str, Any]) -> PaymentIntent:
    """The state as it was written, by this release or another."""
    return _INTENT.validate_python(state)


State = Annotated[PaymentIntent, PlainSerializer(lean)]
"""A PaymentIntent, as a field of a message."""

_SETUP: TypeAdapter[SetupIntent] = TypeAdapter(SetupIntent)


def lean_setup(intent: SetupIntent) -> dict[str, Any]:
    """The whole state of a SetupIntent, ledger included."""
    return dict(_SETUP.dump_python(intent, mode="json", exclude_defaults=True))


def load_setup(state: dict[str, Any]) -> SetupIntent:
    """The state as it was written, by this release or another."""
    return _SETUP.validate_python(state)


SetupState = Annotated[SetupIntent, PlainSerializer(lean_setup)]
"""A SetupIntent, as a field of a message."""
