"""What the records have of SetupIntents, as reconciliation reads it from the real PostgreSQL."""

from sqlalchemy import text

from domain.machine.setups.transitions import carry_out, leave_unknown
from domain.machine.transitions import Cause
from domain.model.commands import Command, Confirm
from domain.model.outcomes import AuthenticationRequired, Declined, Outcome
from domain.model.setup_intent import SetupIntent
from domain.reconciliation import setups as rules
from domain.reconciliation.kinds import Kind
from domain.reconciliation.setup_book import MethodRow, SetupBook
from records import customers, payment_methods
from records.database import Database
from records.scope import Scope
from records.setup_reconciliation import SetupRecordsBook
from records.setups import PostgresSetups
from tests.domain.machine.test_setups import CONSENTING, YES, decided
from tests.support.builders import NOW, make_method, make_setup

NO, CHALLENGE = (
    Declined(decline_code="generic_decline"),
    AuthenticationRequired(authentication="authn_1", url="https://b"),
)


class Shop:
    """SetupIntents of one customer."""

    def __init__(self, database: Database, scope: Scope) -> None:
        self.database, self.scope = database, scope
        self.customer, self.records = f"cus_{scope.account}", PostgresSetups(database)

    async def open(self, **fields: object) -> SetupIntent:
        await customers.add(self.database, self.scope, self.customer, NOW, {})
        given = {"account": self.scope.account, "customer": self.customer, **fields}
        setup = make_setup(**given)
        await self.records.create(setup, Cause())
        return setup

    async def confirmed(self, setup: SetupIntent, outcome: Outcome, **method: object) -> SetupIntent:
        return await self.sent(setup, await self.confirm(**method), outcome)

    async def confirm(self, **method: object) -> Confirm:
        made = make_method(account=self.scope.account, **method)
        await payment_methods.add(self.database, made)
        return Confirm(payment_method=made, changes={} if made.type == "card" else CONSENTING)

    async def sent(self, setup: SetupIntent, command: Command, outcome: Outcome) -> SetupIntent:
        step = carry_out(setup, command, decided(setup, command), outcome, NOW)
        await self.records.project(step)
        return step.after

    async def book(self, id_: str) -> SetupBook:
        (book,) = (await SetupRecordsBook(self.database).of([id_, "seti_nobody"])).books
        return book

    async def kinds(self, id_: str) -> list[Kind]:
        return [one.kind for one in rules.compare(await self.book(id_))]

    async def sql(self, statement: str, **values: str) -> None:
        await self.database.execute(text(statement).bindparams(**values))


async def test_one_is_read_whole_and_agrees_with_itself(database: Database, scope: Scope) -> None:
    shop = Shop(database, scope)
    setup = await shop.confirmed(await shop.confirmed(await shop.open(), NO), CHALLENGE)
    assert await shop.kinds(setup.id) == []
    done = await shop.confirmed(setup, YES, token="tok_done")
    book = await shop.book(done.id)
    assert (book.row.status, book.row.version, book.begun, book.owed_since) == ("succeeded", 4, None, None)
    assert sorted(row.status for row in book.attempts) == ["abandoned", "failed", "succeeded"]
    assert [event.type for event in book.events] == [
        "setup_intent.created", "setup_intent.setup_failed", "setup_intent.requires_action", "setup_intent.succeeded",
    ]  # fmt: skip
    assert done.payment_method is not None
    assert book.methods == {done.payment_method.id: MethodRow(customer=shop.customer, consumed=False)}
    assert rules.compare(book) == []
    pages = [id_ async for page in SetupRecordsBook(database).pages() for id_ in sorted(page.ids)]
    assert done.id in pages
    assert pages == sorted(pages)


async def test_what_was_set_up_is_looked_for_with_its_customer(database: Database, scope: Scope) -> None:
    shop = Shop(database, scope)
    done = await shop.confirmed(await shop.open(), YES)
    assert done.payment_method is not None
    mine = {"id": done.payment_method.id}
    await shop.sql("UPDATE payment_methods SET customer = NULL WHERE id = :id", **mine)
    assert await shop.kinds(done.id) == [Kind.METHOD_NOT_KEPT]
    await shop.sql("UPDATE payment_methods SET consumed = true WHERE id = :id", **mine)
    assert await shop.kinds(done.id) == [], "it was detached"
    await shop.sql("UPDATE payment_methods SET consumed = false WHERE id = :id", **mine)
    await shop.sql("UPDATE customers SET deleted = true WHERE id = :id", id=shop.customer)
    assert await shop.kinds(done.id) == [], "its customer is gone"


async def test_mandates_are_rows(database: Database, scope: Scope) -> None:
    shop = Shop(database, scope)
    setup = await shop.open(payment_method_types=("us_bank_account",))
    done = await shop.confirmed(setup, YES, type="us_bank_account", card=None)
    book = await shop.book(done.id)
    assert book.mandates == book.named_mandates == {done.mandate}
    await shop.sql("DELETE FROM mandates WHERE id = :id", id=str(done.mandate))
    assert await shop.kinds(done.id) == [Kind.MANDATE_MISSING]


async def test_what_is_under_way_or_owed_is_seen_with_its_time(database: Database, scope: Scope) -> None:
    shop = Shop(database, scope)
    setup = await shop.open()
    begun = """UPDATE setup_intents SET under_way = '{"command": {"name": "update"}, "now": 5}' WHERE id = :id"""
    await shop.sql(begun, id=setup.id)
    book = await shop.book(setup.id)
    assert (book.begun, book.under_way) == (5, True)
    await shop.sql("UPDATE setup_intents SET under_way = NULL WHERE id = :id", id=setup.id)
    command = await shop.confirm()
    decision = decided(setup, command)
    assert decision.effect is not None
    await shop.records.project(leave_unknown(setup, command, decision, decision.effect, NOW))
    owing = await shop.book(setup.id)
    assert owing.under_way
    assert owing.owed_since is not None


async def test_what_cannot_be_read_keeps_nobody_from_reading_the_rest(database: Database, scope: Scope) -> None:
    shop = Shop(database, scope)
    one = await shop.open()
    await shop.sql("""UPDATE setup_intents SET data = '{"of": "another"}' WHERE id = :id""", id=one.id)
    two = make_setup(account=scope.account)
    await shop.records.create(two, Cause())
    three = await shop.confirmed(two, NO)
    strange = """UPDATE setup_attempts SET data = '{"of": "another"}' WHERE setup_intent = :id"""
    await shop.sql(strange, id=three.id)
    last = make_setup(account=scope.account)
    await shop.records.create(last, Cause())
    page = await SetupRecordsBook(database).of([one.id, three.id, last.id])
    assert [book.id for book in page.books] == [last.id]
    assert {each.id for each in page.unreadable} == {one.id, three.id}
    assert page.ids == {one.id, three.id, last.id}
