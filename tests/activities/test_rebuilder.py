"""What both records and workflows have forgotten is rebuilt from the gateway's book, which does nothing again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from activities.rebuilder import Rebuilder
from activities.reconciler import Reconciler
from domain.machine.housekeeping import Standing
from domain.machine.transitions import Cause, carry_out
from domain.methods.card_numbers import CardInput
from domain.model.commands import Cancel, Capture, Command, Confirm, RefundCharge
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from domain.rebuilding.movements import Owner
from domain.reconciliation.report import Report
from gateways.book import SimulatorBook
from gateways.simulator import SimulatorGateway
from records.base import RecordsUnavailable
from records.database import Database
from records.projection import PostgresProjection
from records.reconciliation import RecordsBook
from records.scope import Scope
from simulator.app import create_app
from tests.support.builders import NOW, decided, make_intent, make_method
from tests.support.serving import serving

CARD = CardInput(number="4242424242424242", exp_month=12, exp_year=2030, cvc="123")


class NoRuns:
    """A Temporal that knows nothing any more."""

    def __init__(self) -> None:
        self.woken: list[str] = []

    async def known(self) -> AsyncIterator[str]:
        for id_ in tuple[str, ...]():
            yield id_

    async def standing(self, id_: str) -> Standing:
        del id_
        return Standing(running=False)

    async def wake(self, intent: PaymentIntent) -> None:
        self.woken.append(intent.id)


class Runs(NoRuns):
    """A Temporal that has everything."""

    def __init__(self, *states: PaymentIntent) -> None:
        super().__init__()
        self.states = {state.id: state for state in states}

    async def known(self) -> AsyncIterator[str]:
        for id_ in self.states:
            yield id_

    async def standing(self, id_: str) -> Standing:
        return Standing(running=True, intent=self.states[id_])


class Shop:
    """Payments on a real PostgreSQL and a real simulator."""

    def __init__(self, database: Database, scope: Scope, url: str) -> None:
        self.database, self.scope = database, scope
        self.projection, self.gateway, self.book = (
            PostgresProjection(database),
            SimulatorGateway(url),
            SimulatorBook(url),
        )
        self.ids: set[str] = set()

    async def confirmable(self, id_: str, capture_method: str) -> PaymentIntent:
        token = await self.gateway.tokenize(CARD)
        method = make_method(id=f"pm_{id_}", account=self.scope.account, token=token.token, card=token.card)
        intent = make_intent(
            id=f"pi_{self.scope.account}_{id_}", account=self.scope.account, amount=2_000, payment_method=method,
            status=Status.REQUIRES_CONFIRMATION, capture_method=capture_method,
        )  # fmt: skip
        await self.projection.create(intent, Cause(), method)
        self.ids.add(intent.id)
        return intent

    async def carry_out(self, intent: PaymentIntent, command: Command) -> PaymentIntent:
        decision = decided(intent, command)
        assert decision.effect is not None
        outcome = await self.gateway.perform(decision.effect)  # type: ignore[arg-type]
        transition = carry_out(intent, command, decision, outcome, NOW)
        await self.projection.project(transition)
        return transition.after

    async def copy(self) -> int:
        """How far the events had got when the copy was made."""
        rows = await self.database.execute(text("SELECT coalesce(max(seq), 0) AS seq FROM events"))
        return int(rows[0].seq)

    async def forget(self, copy: int, intent: PaymentIntent, before: PaymentIntent | None) -> None:
        """Put the record back to what it was, with all that hangs on it."""
        of = [intent.id, *([intent.charge.id] if intent.charge else [])]
        ids = ", ".join(f"'{id_}'" for id_ in of)
        await self.database.execute(text(f"DELETE FROM events WHERE object_id IN ({ids}) AND seq > {copy}"))
        for table, column in (("refunds", "payment_intent"), ("charges", "payment_intent"), ("payment_intents", "id")):
            await self.database.execute(text(f"DELETE FROM {table} WHERE {column} = '{intent.id}'"))
        if before is not None:
            await self.projection.restore(before)

    async def reconciled(self) -> Report:
        """Of these payments: the database is shared."""

        async def no_pause(seconds: float) -> None:
            del seconds

        report = await Reconciler(RecordsBook(self.database), self.book, None, lambda: NOW, pause=no_pause).reconcile()
        report.under_way = []
        report.differences = [one for one in report.differences if one.payment_intent in self.ids]
        return report


@pytest.fixture
async def shop(database: Database, scope: Scope, tmp_path: Path) -> AsyncIterator[Shop]:
    async with serving(create_app(tmp_path / "ledger.db", "http://simulator")) as url:
        made = Shop(database, scope, url)
        yield made
        await made.gateway.close()
        await made.book.close()


async def lines(shop: Shop) -> list[str]:
    return [movement.key async for movement in shop.book.movements()]


def rebuilder(shop: Shop, owner: Owner | None, runs: NoRuns | None = None) -> Rebuilder:
    async def no_pause(seconds: float) -> None:
        del seconds

    return Rebuilder(
        shop.projection, RecordsBook(shop.database), shop.book, shop.gateway, runs or NoRuns(), shop.reconciled,
        owner=owner, secret=lambda: "s3cret", clock=lambda: NOW, pause=no_pause,
    )  # fmt: skip


async def test_what_only_the_gateway_knows_is_found_again_and_done_once(shop: Shop) -> None:
    held = await shop.carry_out(await shop.confirmable("captured", "manual"), Confirm(command_id="c"))
    let_go = await shop.carry_out(await shop.confirmable("canceled", "manual"), Confirm(command_id="c"))
    open_ = await shop.confirmable("late", "manual")
    copy = await shop.copy()
    captured = await shop.carry_out(held, Capture(command_id="p", amount_to_capture=1_500))
    refunded = await shop.carry_out(captured, RefundCharge(command_id="r", refund=f"re_{held.id}", amount=100))
    canceled = await shop.carry_out(let_go, Cancel(command_id="x"))
    again = await shop.carry_out(open_, Confirm(command_id="c"))
    new = await shop.carry_out(await shop.confirmable("new", "automatic"), Confirm(command_id="c"))
    for intent, was in ((refunded, held), (canceled, let_go), (new, None), (again, open_)):
        await shop.forget(copy, intent, was)
    assert not (await shop.reconciled()).clean
    truth = await lines(shop)
    done = await rebuilder(shop, Owner(account=shop.scope.account)).rebuild()
    assert await lines(shop) == truth
    assert done.adopted == [new.id]
    assert done.report.differences == []
    latest = {intent.id: await shop.projection.latest(intent.id) for intent in (refunded, canceled, new, again)}
    now = {id_: (one.status, one.amount_received, one.amount_capturable) for id_, one in latest.items() if one}
    assert now == {
        refunded.id: (Status.SUCCEEDED, 1_500, 0),
        canceled.id: (Status.CANCELED, 0, 0),
        new.id: (Status.SUCCEEDED, 2_000, 0),
        again.id: (Status.REQUIRES_CAPTURE, 0, 2_000),
    }
    charge = latest[refunded.id].charge  # type: ignore[union-attr]
    assert charge is not None
    assert charge.refunds_given == {f"re_{held.id}": 100}
    twice = await rebuilder(shop, Owner(account=shop.scope.account)).rebuild()
    assert (twice.found, twice.adopted) == ({}, [])


async def test_one_that_is_stopped_halfway_and_begun_again_leaves_nothing_out(shop: Shop) -> None:
    held = [await shop.carry_out(await shop.confirmable(name, "manual"), Confirm(command_id="c")) for name in "ab"]
    copy = await shop.copy()
    known = [await shop.carry_out(intent, Capture(command_id="p")) for intent in held]
    for intent, before in zip(known, held, strict=True):
        await shop.forget(copy, intent, before)

    class Dying(PostgresProjection):
        async def restore(self, intent: PaymentIntent) -> None:
            if intent.id == known[1].id:
                raise RecordsUnavailable
            await super().restore(intent)

    whole, shop.projection = shop.projection, Dying(shop.database)
    with pytest.raises(RecordsUnavailable):
        await rebuilder(shop, None, Runs(*known)).rebuild()
    shop.projection = whole
    done = await rebuilder(shop, None, Runs(*known)).rebuild()
    assert done.report.differences == []
    assert done.found["records written from workflows"] == 1, "the other one had been"


async def test_without_an_owner_what_no_record_has_is_named_and_left(shop: Shop) -> None:
    new = await shop.carry_out(await shop.confirmable("new", "automatic"), Confirm(command_id="c"))
    await shop.forget(0, new, None)
    done = await rebuilder(shop, None).rebuild()
    assert done.adopted == []
    assert [one.kind.value for one in done.report.differences] == ["unknown_to_us"]
    assert await shop.projection.latest(new.id) is None
