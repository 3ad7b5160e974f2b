"""What a payment is made with, where requests come in: as it is now, and for no other payment meanwhile.

A PaymentIntent has a copy of its payment method, which may have been detached, saved, or used since. So before a
confirmation is sent, the method and the customer are read; one that is nobody's is claimed (records/methods_in_use.py).
A method that has changed goes with the command, and the domain refuses it as it does any other: a repetition of the
command is answered as the first time, whatever has become of the method by then.
"""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from api.dialect.call import Call
from api.dialect.errors import StripeError, missing
from api.dialect.publishable import check_owner, customer_gone
from api.usecases.payment_methods import MethodChoice
from api.usecases.routing import refusal_of
from contracts.messages import CommandResult
from domain.machine.evolution import evolve
from domain.model.commands import ApplyCustomerBalance, Command, Confirm
from domain.model.events import AttributesChanged
from domain.model.payment_intent import PaymentIntent, ledger_entry
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import Status
from records import methods_in_use, payment_methods
from records.base import RecordsUnavailable
from records.methods_in_use import MethodStanding

DECLINED = 402
"""A bank has seen the payment method, so what brought it is used up. With any other error, nothing has happened."""


@dataclass(slots=True)
class MethodOfRequest:
    """The method that a request has brought, if any; `new` if this very request has written it down."""

    method: PaymentMethod | None = None
    new: bool = False


@asynccontextmanager
async def write_method(
    call: Call, intent: PaymentIntent | SetupIntent, chosen: MethodChoice | None
) -> AsyncIterator[MethodOfRequest]:
    """Write the method down for a command; if that is refused, it is as if it had never been."""
    if chosen is None or not chosen.new:
        yield MethodOfRequest(chosen.method if chosen else None)
        return
    database, method = call.services.database, chosen.method
    new = await payment_methods.add(database, method, intent.id)
    if not new:
        # A repetition of a request that died: go on with its method, whose token the gateway may have seen already.
        method = await payment_methods.load(database, call.scope, method.id) or method
    try:
        yield MethodOfRequest(method, new)
    except StripeError as error:
        if new and error.status != DECLINED:
            with contextlib.suppress(RecordsUnavailable):
                await methods_in_use.forget(database, intent.id, method.id)
        raise


@dataclass(slots=True)
class Use:
    """The command as it is to be sent; and what came of it, for whoever opened this to say."""

    command: Command
    result: CommandResult | None = None


@dataclass(frozen=True, slots=True)
class _ToRead:
    method: PaymentMethod | None
    customer: str | None


@asynccontextmanager
async def use_method(
    call: Call, intent: PaymentIntent, command: Command, *, created: bool = False, new: bool = False
) -> AsyncIterator[Use]:
    """The command with its method as that is now. While this is open, nobody else pays with what is nobody's.

    `created` if the intent is this request's, so everything about it was just read; `new` if its method is.

    Raises:
        StripeError: there is no such customer any more.
    """
    asked = _method_to_read(call, intent, command, created=created, new=new)
    if asked is None:
        yield Use(command)
        return
    method = asked.method.id if asked.method else None
    found = await methods_in_use.look(call.services.database, call.scope, intent.id, method, asked.customer, call.now)
    use = Use(_with_method(intent, command, asked, found))
    try:
        if not await _is_repeated(call, intent, command, asked, found):
            _check(call, intent, asked, found)
        yield use
    except StripeError:
        await _end_claim(call, intent, found)
        raise
    used = use.result.intent.payment_method if use.result else None
    if used is None or not (used.consumed or used.customer):
        await _end_claim(call, intent, found)


def _method_to_read(call: Call, intent: PaymentIntent, command: Command, *, created: bool, new: bool) -> _ToRead | None:
    """What has to be looked at; None if that is nothing: it was just read, or nothing is going to be paid."""
    if not isinstance(command, Confirm | ApplyCustomerBalance) or ledger_entry(intent, command.command_id):
        return None
    if refusal_of(call, intent, command) is not None:
        return None
    if isinstance(command, ApplyCustomerBalance):
        return _ToRead(None, intent.customer) if intent.status != Status.REQUIRES_ACTION else None
    after = evolve(intent, [AttributesChanged(command.changes)], check_table=False) if command.changes else intent
    method, read = command.payment_method or intent.payment_method, created or command.payment_method is not None
    if new and (created or after.customer is None or "customer" in command.changes):
        return None
    # What was just read as theirs is a living customer's: a deleted one has no methods.
    return None if method is None or (read and method.customer is not None) else _ToRead(method, after.customer)


def _with_method(intent: PaymentIntent, command: Command, asked: _ToRead, found: MethodStanding) -> Command:
    now = found.method
    if not isinstance(command, Confirm) or now is None or now == asked.method:
        return command
    useless = now.consumed or (now.customer is not None and now.customer != asked.customer)
    if useless or command.payment_method is not None or intent.status == Status.REQUIRES_CONFIRMATION:
        return replace(command, payment_method=now)
    return command


def _check(call: Call, intent: PaymentIntent, asked: _ToRead, found: MethodStanding) -> None:
    """Refuse to pay for a customer who is gone; a browser is told of nobody whose method it may be by now."""
    if call.publishable:
        check_owner(intent, found.method)
    if asked.customer is None or found.owned:
        return
    if call.publishable:
        raise customer_gone("PaymentIntent")
    raise missing("customer", asked.customer, "customer", in_path=False)


async def _is_repeated(
    call: Call, intent: PaymentIntent, command: Command, asked: _ToRead, found: MethodStanding
) -> bool:
    """Whether it is being carried out, or has been, since the intent was read: then that is how it is answered.

    Looked at only where something has changed.
    """
    if found.owned == (asked.customer is not None) and found.method == asked.method:
        return False
    recorded = await call.services.projection.recorded(intent.id)
    if recorded is None:
        return False
    under_way = recorded.under_way.command.command_id if recorded.under_way else None
    return under_way == command.command_id or ledger_entry(recorded.intent, command.command_id) is not None


async def _end_claim(call: Call, intent: PaymentIntent, found: MethodStanding) -> None:
    """It was answered, and that stands: a claim that cannot be ended lapses."""
    if found.claimed and found.method is not None:
        with contextlib.suppress(RecordsUnavailable):
            await methods_in_use.answered(call.services.database, intent.id, found.method.id)
