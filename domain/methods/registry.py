"""The interface of a family of payment methods, and which module has it for which family.

A new family is a module with these six functions, and a line here.
"""

from typing import Protocol

from domain.methods import bank_transfers, cards, debits, redirects, vouchers
from domain.methods.families import TYPES, Family
from domain.model import wording
from domain.model.commands import CheckSettlement, Confirm
from domain.model.events import Event, PaymentError
from domain.model.outcomes import AskSettlement, Authorize, MoveFunds, Outcome, RequestFunds, Void
from domain.model.payment_intent import PaymentIntent, method_in_use, options_of, outstanding
from domain.refusals import Refusal


class MethodFamily(Protocol):
    """How the money of one family moves. All pure; `now` is Unix seconds."""

    def may_confirm(self, state: PaymentIntent, command: Confirm, now: int) -> Refusal | None:
        """Refuse a confirmation that this family cannot carry out; `state` has the command's changes."""

    def start(self, state: PaymentIntent, authorization: Authorize) -> Authorize | RequestFunds:
        """What is asked first: the authorization, or what this family asks instead."""

    def question(self, state: PaymentIntent, command: CheckSettlement, now: int) -> AskSettlement | MoveFunds | Refusal:
        """What is asked once there is a notification, or the time is up."""

    def settle(
        self, state: PaymentIntent, effect: AskSettlement | MoveFunds, outcome: Outcome, now: int
    ) -> tuple[tuple[Event, ...], PaymentError | None]:
        """What the answer to the question means."""

    def withdraw(self, state: PaymentIntent, reason: str | None) -> Void | MoveFunds | None:
        """What it takes to end what is under way; None if nothing is."""

    def withdrawn(
        self, state: PaymentIntent, effect: Void | MoveFunds, outcome: Outcome, now: int
    ) -> tuple[tuple[Event, ...], PaymentError | None]:
        """What the answer to the withdrawal means."""


FAMILIES: dict[Family, MethodFamily] = {
    Family.CARD: cards,
    Family.IMMEDIATE: cards,
    Family.REDIRECT: redirects,
    Family.DEBIT: debits,
    Family.VOUCHER: vouchers,
    Family.CODE: vouchers,
    Family.TRANSFER: bank_transfers,
}


def family_of(type_: str) -> MethodFamily:
    """By the name of a payment method type that is taken here."""
    return FAMILIES[TYPES[type_].family]


def family_in_use(state: PaymentIntent) -> MethodFamily:
    """Whose word the payment waits for: that of what the buyer was shown, or else of a bank that takes its time."""
    return debits if outstanding(state) is None else family_of(method_in_use(state).type)


def type_refusal(state: PaymentIntent) -> Refusal | None:
    """Refuse what the type of the payment method cannot do."""
    method = method_in_use(state)
    type_ = TYPES.get(method.type)
    if type_ is None:
        return wording.payment_method_type_not_activated(method.type)
    if type_.currencies and state.currency not in type_.currencies:
        return wording.currency_not_of_type(method.type, state.currency, type_.currencies)
    options = options_of(state, method.type)
    if not type_.manual_capture and "manual" in (state.capture_method, options.get("capture_method")):
        return wording.manual_capture_not_of_type(method.type)
    return None
