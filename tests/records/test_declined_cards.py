"""Declined cards on the real PostgreSQL: counted as the domain counts, once each, and forgotten when it is over."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from domain.machine.transitions import Cause, Transition, carry_out
from domain.model.commands import Confirm
from domain.model.outcomes import Approved, Declined
from domain.model.payment_methods import PaymentMethod
from domain.model.statuses import Status
from domain.routing.reattempts import DECLINES_KEPT_MAX, WINDOW_SECONDS, History, declined
from records import declined_cards
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from tests.support.builders import NOW, decided, make_intent, make_method

PLAIN = Declined(decline_code="generic_decline")


def card(brand: str, fingerprint: str) -> PaymentMethod:
    method = make_method()
    assert method.card is not None
    return replace(method, card=replace(method.card, brand=brand, fingerprint=fingerprint))


class Till:
    """Payments by one card, declined one after another."""

    def __init__(self, database: Database, scope: Scope, brand: str = "visa") -> None:
        self.database, self.scope, self.brand = database, scope, brand
        self.projection = PostgresProjection(database)
        self.fingerprint = f"fp_{brand}_{scope.account}"

    async def decline(self, no: Declined | Approved, at: int, amount: int = 1_099) -> Transition:
        intent = make_intent(
            id=f"pi_{at}_{amount}_{self.scope.account}", account=self.scope.account, amount=amount,
            status=Status.REQUIRES_CONFIRMATION, payment_method=card(self.brand, self.fingerprint),
        )  # fmt: skip
        await self.projection.create(intent, Cause())
        made = carry_out(intent, Confirm(command_id="c"), decided(intent, Confirm(command_id="c")), no, at)
        await self.projection.project(made)
        return made

    async def known(self, amount: int = 1_099, currency: str = "usd") -> History:
        return await declined_cards.history(self.database, self.scope, self.fingerprint, amount, currency)


@pytest.mark.parametrize(
    ("brand", "answers"),
    [
        ("visa", [PLAIN, PLAIN, replace(PLAIN, network_decline_code="05")]),
        ("visa", [PLAIN, replace(PLAIN, network_decline_code="41"), PLAIN]),
        ("visa", [replace(PLAIN, network_decline_code="R1"), replace(PLAIN, network_decline_code="04")]),
        ("mastercard", [replace(PLAIN, network_advice_code=code) for code in ("30", "24", "21", "03", "02")]),
        ("mastercard", [PLAIN] * (DECLINES_KEPT_MAX + 3)),
    ],
)
async def test_the_statement_counts_as_the_domain_does(
    database: Database, scope: Scope, brand: str, answers: list[Declined]
) -> None:
    till, expected = Till(database, scope, brand), History()
    for second, no in enumerate(answers):
        await till.decline(no, NOW + second)
        expected = declined(expected, no, brand, NOW + second)
    assert await till.known() == expected


async def test_a_decline_that_is_recorded_twice_counts_once(database: Database, scope: Scope) -> None:
    till = Till(database, scope)
    made = await till.decline(PLAIN, NOW)
    await till.projection.project(made)
    assert (await till.known()).declined == (NOW,)


async def test_other_amounts_are_counted_apart_and_never_is_never_whatever_the_amount(
    database: Database, scope: Scope
) -> None:
    till = Till(database, scope)
    await till.decline(PLAIN, NOW)
    assert await till.known(amount=2_000) == await till.known(currency="eur") == History()
    await till.decline(replace(PLAIN, network_decline_code="43"), NOW + 1, amount=5_000)
    assert (await till.known()).never == "43"
    other = Scope(scope.account, True)
    assert await declined_cards.history(database, other, till.fingerprint, 1_099, "usd") == History()


@pytest.mark.parametrize(
    ("brand", "answer"),
    [
        ("amex", PLAIN),
        ("visa", Declined(decline_code="fraudulent", blocked=True)),
        ("visa", Approved(authorization="auth_1")),
    ],
)
async def test_what_no_network_counts_is_not_written(
    database: Database, scope: Scope, brand: str, answer: Declined | Approved
) -> None:
    till = Till(database, scope, brand)
    await till.decline(answer, NOW)
    mine = declined_cards.table.c.account == scope.account
    assert (await database.execute(select(func.count()).where(mine)))[0][0] == 0


async def test_what_limits_nothing_any_more_is_forgotten_and_never_is_kept(database: Database, scope: Scope) -> None:
    old, never, new = (Till(database, scope) for _ in range(3))
    old.fingerprint, never.fingerprint, new.fingerprint = (f"{n}_{scope.account}" for n in ("old", "never", "new"))
    # So long ago that no other test's rows are older: a few are forgotten at a time, whosever they are.
    past = -10 * WINDOW_SECONDS
    await old.decline(PLAIN, past)
    await never.decline(replace(PLAIN, network_decline_code="14"), past + 1)
    new.fingerprint = f"new_{scope.account}"
    await new.decline(PLAIN, past + WINDOW_SECONDS)
    assert (await old.known()).declined == (past,), "exactly thirty days are not over"
    await new.decline(PLAIN, past + WINDOW_SECONDS + 1, amount=1_100)
    assert await old.known() == History()
    assert (await never.known()).never == "14"
    assert (await new.known()).declined == (past + WINDOW_SECONDS,)
