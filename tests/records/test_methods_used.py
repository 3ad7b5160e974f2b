"""A payment keeps or uses up its payment method, while the API attaches it, detaches it, or deletes its customer."""

import asyncio
from dataclasses import replace

from domain.machine.transitions import Cause, Transition, carry_out
from domain.model.commands import Confirm
from domain.model.payment_methods import PaymentMethod
from records import customers, payment_methods
from records.changing import nothing
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from tests.support.builders import APPROVED, NOW, confirmable, decided, make_method

ROUNDS = 20


async def customer_of(database: Database, scope: Scope, name: str) -> str:
    id_ = f"cus_{scope.account}_{name}"
    await customers.add(database, scope, id_, NOW, {"email": "a@example.com"})
    return id_


async def paying(database: Database, scope: Scope, customer: str | None) -> tuple[PaymentMethod, Transition]:
    """A payment that is about to be recorded as succeeded, with a method that is nobody's yet."""
    method = make_method(account=scope.account)
    await payment_methods.add(database, method)
    usage = "off_session" if customer else None
    intent = confirmable(account=scope.account, customer=customer, setup_future_usage=usage)
    intent = replace(intent, payment_method=method)
    await PostgresProjection(database).create(intent, Cause())
    return method, carry_out(intent, Confirm(), decided(intent, Confirm()), APPROVED, NOW + 1)


async def whose(database: Database, scope: Scope, id_: str) -> tuple[str | None, bool]:
    method = await payment_methods.load(database, scope, id_)
    assert method is not None
    return method.customer, method.consumed


async def test_it_is_saved_for_its_customer(database: Database, scope: Scope) -> None:
    customer = await customer_of(database, scope, "a")
    method, transition = await paying(database, scope, customer)
    await PostgresProjection(database).project(transition)
    assert await whose(database, scope, method.id) == (customer, False)


async def test_it_is_not_saved_for_a_customer_who_is_deleted_meanwhile(database: Database, scope: Scope) -> None:
    for number in range(ROUNDS):
        customer = await customer_of(database, scope, str(number))
        method, transition = await paying(database, scope, customer)
        await asyncio.gather(
            PostgresProjection(database).project(transition), customers.delete(database, scope, customer, nothing)
        )
        assert await whose(database, scope, method.id) == (None, True)


async def test_what_was_detached_stays_detached(database: Database, scope: Scope) -> None:
    customer = await customer_of(database, scope, "a")
    method, transition = await paying(database, scope, customer)
    await payment_methods.change(database, scope, method.id, lambda before: replace(before, consumed=True), nothing)
    await PostgresProjection(database).project(transition)
    assert await whose(database, scope, method.id) == (None, True)


async def test_what_was_attached_meanwhile_is_not_used_up(database: Database, scope: Scope) -> None:
    customer = await customer_of(database, scope, "a")
    method, transition = await paying(database, scope, None)
    await payment_methods.attach(
        database, scope, method.id, customer, lambda before: replace(before, customer=customer), nothing
    )
    await PostgresProjection(database).project(transition)
    assert await whose(database, scope, method.id) == (customer, False)
