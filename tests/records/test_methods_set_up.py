"""What a SetupIntent has set up is its customer's, while the API attaches it, detaches it, or deletes the customer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from domain.machine.setups.decisions import SetupDecision, decide
from domain.machine.setups.transitions import SetupTransition, carry_out
from domain.machine.transitions import Cause
from domain.model.commands import Confirm
from domain.model.outcomes import Approved, GeneratedDebit
from domain.model.setup_intent import SetupIntent
from domain.reconciliation import setups as rules
from records import customers, payment_methods
from records.changing import nothing
from records.database import Database
from records.scope import Scope
from records.setup_reconciliation import SetupRecordsBook
from records.setups import PostgresSetups
from tests.records.test_methods_used import ROUNDS, customer_of, whose
from tests.support.builders import CONSENT, NOW, make_method, make_setup

DEBIT = GeneratedDebit(token="tok_sepa", details={"last4": "3000"})


async def kept_card(database: Database, scope: Scope, customer: str | None) -> tuple[str, SetupTransition]:
    """A setup that is about to be recorded as succeeded, and the card that is kept by it."""
    method = make_method(account=scope.account)
    await payment_methods.add(database, method)
    setup = await opened(database, scope, customer, "card")
    return method.id, done(setup, Confirm(payment_method=method), Approved(authorization="setatt_1"))


async def kept_debit(database: Database, scope: Scope, customer: str | None) -> tuple[str, SetupTransition]:
    """As `kept_card`, of a bank redirect: what is kept is the account behind it, which is written down with it."""
    method = make_method(account=scope.account, type="ideal", card=None)
    await payment_methods.add(database, method)
    confirm = Confirm(payment_method=method, changes={"mandate_data": CONSENT}, return_url="https://shop.example")
    setup = await opened(database, scope, customer, "ideal")
    step = done(setup, confirm, Approved(authorization="setatt_1", generated=DEBIT))
    assert step.after.attempt is not None
    assert step.after.attempt.generated is not None
    return step.after.attempt.generated, step


async def opened(database: Database, scope: Scope, customer: str | None, type_: str) -> SetupIntent:
    setup = make_setup(account=scope.account, customer=customer, payment_method_types=(type_,))
    assert await PostgresSetups(database).create(setup, Cause())
    return setup


def done(setup: SetupIntent, confirm: Confirm, outcome: Approved) -> SetupTransition:
    decision = decide(setup, confirm, NOW)
    assert isinstance(decision, SetupDecision)
    return carry_out(setup, confirm, decision, outcome, NOW)


Kept = Callable[[Database, Scope, str | None], Awaitable[tuple[str, SetupTransition]]]
both = pytest.mark.parametrize("kept", [kept_card, kept_debit])


@both
async def test_it_is_its_customers(database: Database, scope: Scope, kept: Kept) -> None:
    customer = await customer_of(database, scope, "a")
    id_, step = await kept(database, scope, customer)
    await PostgresSetups(database).project(step)
    assert await whose(database, scope, id_) == (customer, False)


@both
async def test_it_is_nobodys_and_of_no_use_where_the_customer_was_deleted(
    database: Database, scope: Scope, kept: Kept
) -> None:
    customer = await customer_of(database, scope, "a")
    id_, step = await kept(database, scope, customer)
    await customers.delete(database, scope, customer, nothing)
    await PostgresSetups(database).project(step)
    assert await whose(database, scope, id_) == (None, True)
    (book,) = (await SetupRecordsBook(database).of([step.after.id])).books
    assert rules.compare(book) == [], "and reconciliation knows why"


@both
async def test_it_is_not_kept_for_a_customer_who_is_deleted_meanwhile(
    database: Database, scope: Scope, kept: Kept
) -> None:
    for number in range(ROUNDS):
        customer = await customer_of(database, scope, str(number))
        id_, step = await kept(database, scope, customer)
        await asyncio.gather(
            PostgresSetups(database).project(step), customers.delete(database, scope, customer, nothing)
        )
        assert await whose(database, scope, id_) == (None, True)


@both
async def test_what_is_set_up_for_nobody_can_still_be_attached(database: Database, scope: Scope, kept: Kept) -> None:
    id_, step = await kept(database, scope, None)
    await PostgresSetups(database).project(step)
    assert await whose(database, scope, id_) == (None, False)


async def test_what_was_attached_meanwhile_stays_so(database: Database, scope: Scope) -> None:
    first, second = await customer_of(database, scope, "a"), await customer_of(database, scope, "b")
    id_, step = await kept_card(database, scope, first)
    await payment_methods.attach(database, scope, id_, second, lambda before: replace(before, customer=second), nothing)
    await customers.delete(database, scope, first, nothing)
    await PostgresSetups(database).project(step)
    assert await whose(database, scope, id_) == (second, False)


async def test_what_was_detached_meanwhile_stays_so(database: Database, scope: Scope) -> None:
    customer = await customer_of(database, scope, "a")
    id_, step = await kept_card(database, scope, customer)
    await payment_methods.change(database, scope, id_, lambda before: replace(before, consumed=True), nothing)
    await PostgresSetups(database).project(step)
    assert await whose(database, scope, id_) == (None, True)
