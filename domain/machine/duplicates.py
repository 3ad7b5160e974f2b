"""Duplicates: the same customer pays the same amount in the same way, twice in a moment.

An account may have that looked for (records/accounts.py; it is off unless set). Who was first is found before the
second is confirmed (records/recent_payments.py); here is what makes two payments alike, and how the second is declined.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

from domain.machine.evolution import evolve
from domain.model.commands import Confirm
from domain.model.events import AttributesChanged, Event, PaymentError, PaymentMethodSelected
from domain.model.payment_intent import PaymentIntent, method_in_use, outstanding
from domain.model.payment_methods import PaymentMethod
from domain.money import declines
from domain.refusals import Refusal

DUPLICATE = "duplicate_transaction"

WINDOW_SECONDS_MAX = 86_400
"""A day. Somebody who pays the same again tomorrow means it."""


class Choice(StrEnum):
    """What is done about the second."""

    FLAG = "flag"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Guard:
    """An account's setting: a payment is a duplicate if one like it is under way, or succeeded within `seconds`."""

    seconds: int
    choice: Choice


def likeness(state: PaymentIntent, command: Confirm) -> str | None:
    """What two payments have in common if one may be the other's duplicate; None without a payment method."""
    said: list[Event] = [AttributesChanged(command.changes)] if command.changes else []
    if command.payment_method:
        said.append(PaymentMethodSelected(command.payment_method))
    after = evolve(state, said, check_table=False)
    if after.payment_method is None:
        return None
    return json.dumps([after.customer or after.customer_account, after.amount, after.currency,
                       _mark(after.payment_method)])  # fmt: skip


def _mark(method: PaymentMethod) -> str:
    """The same for the same card or account, however often it was typed; else the method's own id."""
    fingerprint = method.card.fingerprint if method.card else method.details.get("fingerprint")
    return f"{method.type}/{fingerprint}" if fingerprint else method.id


def declined(state: PaymentIntent, after: PaymentIntent, first: str) -> PaymentError | Refusal:
    """How a bank would put it, and which payment was the first; `after` has the method that was to be charged.

    What the buyer of `state` was shown and can still pay with stays, so that intent is only refused.
    """
    text = f"{declines.message(DUPLICATE)} It is a duplicate of {first}."
    if outstanding(state):
        return Refusal(code=declines.error_code(DUPLICATE), message=text)
    return PaymentError(
        type="card_error", code=declines.error_code(DUPLICATE), decline_code=DUPLICATE, message=text,
        payment_method=method_in_use(after),
    )  # fmt: skip
