"""Planting differences: each makes two books of one payment disagree, in one place, and says what is to be found.

Those of SetupIntents are in planting_setups.py.

The records and the simulator's book are changed as nobody should: by SQL, behind everybody's back.
"""

from collections.abc import Callable
from typing import Any

from temporalio.client import Client

from domain.reconciliation.kinds import Kind
from tests.e2e.field import MOVES, Field
from tests.e2e.test_bank_transfers import customer_of
from tests.e2e.test_disputes import disputed
from tests.e2e.test_families import fast_forward, reached

LONG = 90_000
"""Seconds: longer than anything may take."""

Found = tuple[Kind, str]
Plant = Callable[[Field], Found]
PLANTS: list[Plant] = []


def plants(kind: Kind, among: list[Plant] = PLANTS) -> Callable[[Callable[[Field], str]], Plant]:
    """Register what plants a difference of this kind; it answers with the id to be named."""

    def register(plant: Callable[[Field], str]) -> Plant:
        among.append(lambda field: (kind, plant(field)))
        return among[-1]

    return register


@plants(Kind.RECORD_UNREADABLE)
def _(field: Field) -> str:
    id_ = field.paid().id
    other = """{"of": "another release"}"""
    field.sql("UPDATE payment_intents SET data = $2::text::jsonb WHERE id = $1", id_, other)
    return str(id_)


@plants(Kind.RECORD_CONTRADICTS_ITSELF)
def _(field: Field) -> str:
    id_ = field.paid().id
    field.sql("UPDATE payment_intents SET version = version + 5 WHERE id = $1", id_)
    return str(id_)


@plants(Kind.STATUS_DIFFERS_FROM_CHARGE)
def _(field: Field) -> str:
    failed = field.client.v1.payment_intents.create({"amount": 1_000, "currency": "usd"})
    paid = field.paid()
    field.client.v1.payment_intents.cancel(failed.id)
    # Canceled, and its charge has taken money: with the events and the charge of one that was paid.
    data = "data || jsonb_build_object('status', 'canceled', 'canceled_at', 1, 'cancellation_reason', 'abandoned')"
    field.sql(f"UPDATE payment_intents SET status = 'canceled', data = {data} WHERE id = $1", paid.id)
    rename = "UPDATE events SET type = 'payment_intent.canceled' WHERE object_id = $1 AND type = $2"
    field.sql(rename, paid.id, "payment_intent.succeeded")
    return str(paid.id)


@plants(Kind.RECEIVED_DIFFERS)
def _(field: Field) -> str:
    id_ = field.paid().id
    field.sql("UPDATE payment_intents SET amount_received = 900 WHERE id = $1", id_)
    return str(id_)


@plants(Kind.CHARGE_MISSING)
def _(field: Field) -> str:
    charge = field.paid().latest_charge
    field.sql("DELETE FROM charges WHERE id = $1", charge)
    return str(charge)


@plants(Kind.CHARGE_DIFFERS)
def _(field: Field) -> str:
    charge = field.paid().latest_charge
    field.sql("UPDATE charges SET amount_captured = 900 WHERE id = $1", charge)
    return str(charge)


@plants(Kind.SECOND_SUCCESS)
def _(field: Field) -> str:
    paid, second = field.paid(), "ch_planted_second"
    field.sql("DROP INDEX charges_one_success")
    names = "account, livemode, created, payment_intent, customer, status, amount, amount_captured, amount_refunded"
    data = "data || jsonb_build_object('id', $1::text, 'authorization', 'auth_second')"
    field.sql(
        f"INSERT INTO charges (id, {names}, data) SELECT $1, {names}, {data} FROM charges WHERE id = $2",
        second, paid.latest_charge,
    )  # fmt: skip
    for operation in ("authorize", "capture"):
        field.entry(operation, "auth_second", second, 1_000, f"{paid.id}/2/{operation}")
    field.event(paid.latest_charge, type_="charge.succeeded", object_id=second)
    return str(paid.id)


@plants(Kind.REFUND_MISSING)
def _(field: Field) -> str:
    refund = field.refunded()[1].id
    field.sql("DELETE FROM refunds WHERE id = $1", refund)
    return str(refund)


@plants(Kind.REFUND_UNKNOWN)
def _(field: Field) -> str:
    refund, more = field.refunded()[1].id, "re_planted"
    names = "account, livemode, created, charge, payment_intent, status, amount, metadata, data"
    field.sql(f"INSERT INTO refunds (id, {names}) SELECT $1, {names} FROM refunds WHERE id = $2", more, refund)
    field.event(refund, type_="refund.created", object_id=more)
    return more


@plants(Kind.REFUND_AMOUNT_DIFFERS)
def _(field: Field) -> str:
    refund = field.refunded()[1].id
    field.sql("UPDATE refunds SET amount = amount + 1 WHERE id = $1", refund)
    return str(refund)


@plants(Kind.REFUND_STATUS_DIFFERS)
def _(field: Field) -> str:
    refund = field.refunded()[1].id
    field.sql("UPDATE refunds SET status = 'failed' WHERE id = $1", refund)
    return str(refund)


@plants(Kind.REFUND_TOTAL_DIFFERS)
def _(field: Field) -> str:
    paid, _ = field.refunded()
    field.state(paid.id, "charge", "amount_refunded", value=400)
    field.charge(paid.latest_charge, "amount_refunded", value=400)
    field.sql("UPDATE charges SET amount_refunded = 400 WHERE id = $1", paid.latest_charge)
    field.entry("refund", "auth", paid.latest_charge, 100, f"{paid.id}/1/refund/2")
    return str(paid.latest_charge)


@plants(Kind.BOOKED_DIFFERS)
def _(field: Field) -> str:
    charge = field.paid().latest_charge
    mine = "SELECT id FROM balance_transactions WHERE source = $1"
    field.sql(f"DELETE FROM ledger_entries WHERE transaction IN ({mine})", charge)
    field.sql("DELETE FROM balance_transactions WHERE source = $1", charge)
    return str(charge)


@plants(Kind.ENTRIES_DIFFER)
def _(field: Field) -> str:
    moved = field.client.v1.charges.retrieve(field.paid().latest_charge).balance_transaction
    field.sql("UPDATE ledger_entries SET amount = amount + 1 WHERE transaction = $1 AND book = 'fees'", moved)
    return str(moved)


def shared(field: Field) -> Any:
    """A charge whose money went to an account of the platform's, less a fee; its transfer and fee are inside."""
    account = field.client.v1.accounts.create({"type": "custom"}).id
    paid = field.paid(transfer_data={"destination": account}, application_fee_amount=99)
    return field.client.v1.charges.retrieve(paid.latest_charge, {"expand": ["transfer", "application_fee"]})


def unbooked(field: Field, source: str) -> None:
    """The ledger has nothing of it any more."""
    mine = "SELECT id FROM balance_transactions WHERE source = $1"
    field.sql(f"DELETE FROM ledger_entries WHERE transaction IN ({mine})", source)
    field.sql("DELETE FROM balance_transactions WHERE source = $1", source)


@plants(Kind.SHARE_DIFFERS)
def _(field: Field) -> str:
    fee = shared(field).application_fee
    field.sql("DELETE FROM shares WHERE id = $1", fee.id)
    return str(fee.id)


@plants(Kind.SHARE_NOT_BOOKED)
def _(field: Field) -> str:
    account = field.client.v1.accounts.create({"type": "custom"}).id
    paid = field.paid(transfer_data={"destination": account, "amount": 500})
    transfer = field.client.v1.charges.retrieve(paid.latest_charge, {"expand": ["transfer"]}).transfer
    # Both sides: what accounts have given each other adds up all the same.
    unbooked(field, transfer.id)
    unbooked(field, transfer.destination_payment)
    return str(transfer.id)


@plants(Kind.ACCOUNTS_DIFFER)
def _(field: Field) -> str:
    moved = shared(field).application_fee.balance_transaction
    # Once more, under another name: the platform has it twice, and nobody has given it.
    columns = "account, livemode, created, type, category, amount, fee, net, currency, available_on, internal"
    again = f"SELECT 'txn_more', 'fee_more', {columns} FROM balance_transactions WHERE id = $1"
    field.sql(f"INSERT INTO balance_transactions (id, source, {columns}) {again}", moved)
    entries = "account, livemode, currency, book, amount"
    more = f"SELECT 'txn_more', {entries} FROM ledger_entries WHERE transaction = $1"
    field.sql(f"INSERT INTO ledger_entries (transaction, {entries}) {more}", moved)
    return "usd test"


def lost(field: Field) -> Any:
    """A dispute that is over, and so its payment's workflow."""
    paid = field.paid(payment_method="pm_card_createDispute")
    return field.client.v1.disputes.close(disputed(field.client, paid).id)


@plants(Kind.DISPUTE_MISSING)
def _(field: Field) -> str:
    dispute = lost(field)
    field.sql("DELETE FROM disputes WHERE id = $1", dispute.id)
    return str(dispute.id)


@plants(Kind.DISPUTE_NOT_ON_CHARGE)
def _(field: Field) -> str:
    dispute = lost(field)
    field.state(dispute.payment_intent, "charge", "dispute", value=None)
    field.charge(dispute.charge, "dispute", value=None)
    return str(dispute.id)


@plants(Kind.DISPUTE_DIFFERS)
def _(field: Field) -> str:
    dispute = lost(field)
    field.state(dispute.payment_intent, "dispute", "status", value="under_review")
    return str(dispute.id)


@plants(Kind.MANDATE_MISSING)
def _(field: Field) -> str:
    consent = {"customer_acceptance": {"type": "offline"}}
    paid = field.paid(customer=customer_of(field.client), setup_future_usage="off_session", mandate_data=consent)
    charge = field.client.v1.charges.retrieve(paid.latest_charge)
    mandate = charge.payment_method_details.card.mandate
    field.sql("DELETE FROM mandates WHERE id = $1", mandate)
    return str(mandate)


@plants(Kind.METHOD_USED_TWICE)
def _(field: Field) -> str:
    first, second = field.paid(), field.paid()
    for set_, id_, path in ((field.state, second.id, ("charge",)), (field.charge, second.latest_charge, ())):
        set_(id_, *path, "payment_method", "id", value=first.payment_method)
    return str(first.payment_method)


@plants(Kind.METHOD_NOT_USED_UP)
def _(field: Field) -> str:
    method = field.paid().payment_method
    field.sql("UPDATE payment_methods SET consumed = false WHERE id = $1", method)
    return str(method)


@plants(Kind.EVENT_MISSING)
def _(field: Field) -> str:
    id_ = field.paid().id
    field.sql("DELETE FROM events WHERE object_id = $1 AND type = 'payment_intent.succeeded'", id_)
    return str(id_)


@plants(Kind.EVENT_DOUBLED)
def _(field: Field) -> str:
    charge = field.paid().latest_charge
    field.event(charge, type_="charge.succeeded", object_id=charge)
    return str(charge)


@plants(Kind.EVENT_OF_NOTHING)
def _(field: Field) -> str:
    id_ = field.paid().id
    field.event(id_, type_="payment_intent.canceled", object_id=id_)
    return str(id_)


@plants(Kind.EVENT_OUT_OF_ORDER)
def _(field: Field) -> str:
    id_ = field.paid().id
    swap = "CASE type WHEN $2 THEN $3 ELSE $2 END"
    last = field.sql("SELECT id FROM events WHERE object_id = $1 ORDER BY seq", id_)[-1]["id"]
    types = ("payment_intent.created", "payment_intent.succeeded")
    field.sql(f"UPDATE events SET type = {swap} WHERE object_id = $1 AND type IN ($2, $3)", id_, *types)
    return str(last)


@plants(Kind.DELIVERY_MISSING)
def _(field: Field) -> str:
    wanted = {"url": "http://127.0.0.1:9/hook", "enabled_events": ["charge.expired"]}
    endpoint = field.client.v1.webhook_endpoints.create(wanted)
    held = field.held()
    fast_forward(field.client, held, days=8)
    reached(field.client, held, "canceled")
    lost = field.sql("DELETE FROM deliveries WHERE endpoint = $1 RETURNING event", endpoint.id)
    return str(lost[0]["event"])


@plants(Kind.BALANCE_DIFFERS)
def _(field: Field) -> str:
    _, customer = field.transferred()
    field.sql("UPDATE cash_balances SET available = available + 1 WHERE customer = $1", customer)
    return customer


@plants(Kind.ENDING_BALANCE_DIFFERS)
def _(field: Field) -> str:
    _, customer = field.transferred()
    last = f"SELECT id FROM {MOVES} WHERE customer = $1 ORDER BY seq DESC LIMIT 1"
    changed = field.sql(f"UPDATE {MOVES} SET ending_balance = 201 WHERE id = ({last}) RETURNING id", customer)
    return str(changed[0]["id"])


@plants(Kind.APPLIED_DIFFERS)
def _(field: Field) -> str:
    paid, customer = field.transferred()
    other = """{"payment_intent": "pi_other"}"""
    field.sql(f"UPDATE {MOVES} SET data = $2::text::jsonb WHERE customer = $1 AND net_amount < 0", customer, other)
    return str(paid.id)


@plants(Kind.RETURNED_DIFFERS)
def _(field: Field) -> str:
    paid, _ = field.transferred()
    field.sql("UPDATE funding_requests SET refunded = 100 WHERE intent = $1", paid.id)
    return str(paid.id)


@plants(Kind.FUNDS_DIFFER)
def _(field: Field) -> str:
    paid, _ = field.transferred()
    field.state(paid.id, "funded", value=0)
    return str(paid.id)


@plants(Kind.TRANSFER_NOT_BOOKED)
def _(field: Field) -> str:
    field.entry("fund", "trf_planted", "", 500, "planted transfer")
    return "trf_planted"


@plants(Kind.TRANSFER_BOOKED_TWICE)
def _(field: Field) -> str:
    _, customer = field.transferred()
    transfer = field.transfer_of(customer)
    names = "account, livemode, created, customer, currency, type, data, net_amount"
    field.sql(
        f"INSERT INTO {MOVES} (id, key, ending_balance, {names}) SELECT 'ccsbtxn_planted', key || '/more', 200 + 900, "
        f"{names} FROM {MOVES} WHERE key = $1",
        transfer,
    )
    field.sql("UPDATE cash_balances SET available = 200 + 900 WHERE customer = $1", customer)
    return transfer


@plants(Kind.TRANSFER_DIFFERS)
def _(field: Field) -> str:
    transfer = field.transfer_of(field.transferred()[1])
    field.book("UPDATE entries SET amount = 800 WHERE authorization = ?", transfer)
    return transfer


@plants(Kind.TRANSFER_UNKNOWN_TO_GATEWAY)
def _(field: Field) -> str:
    transfer = field.transfer_of(field.transferred()[1])
    field.book("DELETE FROM entries WHERE authorization = ?", transfer)
    return transfer


def at_the_gateway(kind: Kind, made: Callable[[Field], Any], statement: str) -> None:
    """A difference that one statement on the simulator's book makes, about one charge."""

    @plants(kind)
    def _(field: Field) -> str:
        charge = made(field).latest_charge
        field.book(statement, charge)
        return str(charge)


def _canceled(field: Field) -> Any:
    return field.client.v1.payment_intents.cancel(field.held().id)


at_the_gateway(Kind.MISSING_AT_GATEWAY, Field.paid, "DELETE FROM entries WHERE charge = ?")
at_the_gateway(Kind.CHARGE_ID_DIFFERS, Field.paid, "UPDATE entries SET charge = 'ch_other' WHERE charge = ?")
at_the_gateway(Kind.AUTHORIZATION_DIFFERS, Field.paid, "UPDATE entries SET authorization = 'auth_x' WHERE charge = ?")
at_the_gateway(Kind.AUTHORIZED_DIFFERS, Field.held, "UPDATE entries SET amount = 900 WHERE charge = ?")
at_the_gateway(
    Kind.CAPTURED_DIFFERS, Field.paid, "UPDATE entries SET amount = 900 WHERE charge = ? AND operation = 'capture'"
)
at_the_gateway(
    Kind.REFUNDED_DIFFERS,
    lambda field: field.refunded()[0],
    "DELETE FROM entries WHERE charge = ? AND operation = 'refund'",
)
at_the_gateway(Kind.CURRENCY_DIFFERS, Field.paid, "UPDATE entries SET currency = 'eur' WHERE charge = ?")
at_the_gateway(Kind.HOLD_STILL_OPEN, _canceled, "DELETE FROM entries WHERE charge = ? AND operation = 'void'")


@plants(Kind.UNKNOWN_TO_US)
def _(field: Field) -> str:
    field.entry("authorize", "auth_planted", "ch_planted", 5, "planted authorization")
    return "ch_planted"


@plants(Kind.AUTHORIZED_TWICE)
def _(field: Field) -> str:
    paid = field.paid()
    field.entry("authorize", "auth_again", paid.latest_charge, 1_000, f"{paid.id}/1/authorize again")
    return str(paid.latest_charge)


@plants(Kind.HOLD_GONE)
def _(field: Field) -> str:
    held = field.held()
    field.entry("void", "auth", held.latest_charge, 1_000, f"{held.id}/1/void")
    return str(held.latest_charge)


@plants(Kind.OUTCOME_UNKNOWN_FOR_LONG)
def _(field: Field) -> str:
    paid = field.paid()
    field.running.faults(outage=True, operations=["refund", "retrieve"])
    field.client.v1.refunds.create({"payment_intent": paid.id})
    asked_at = "(data ->> 'asked_at')::bigint"
    earlier = f"jsonb_set(data, '{{asked_at}}', to_jsonb({asked_at} - {LONG}))"
    field.running.wait_for(lambda: field.sql(f"SELECT FROM payment_intents WHERE id = $1 AND {asked_at} > 0", paid.id))
    field.sql(f"UPDATE payment_intents SET data = {earlier} WHERE id = $1", paid.id)
    return str(paid.id)


@plants(Kind.COMMAND_UNDER_WAY_FOR_LONG)
def _(field: Field) -> str:
    held = field.held()
    begun = "jsonb_build_object('command', jsonb_build_object('name', 'capture'), 'now', created - $2::bigint)"
    field.sql(f"UPDATE payment_intents SET under_way = {begun} WHERE id = $1", held.id, LONG)
    return str(held.id)


@plants(Kind.OVERDUE)
def _(field: Field) -> str:
    held = field.held()
    field.state(held.id, "charge", "capture_before", value=held.created - LONG)
    return str(held.id)


@plants(Kind.OPEN_WITHOUT_WORKFLOW)
def _(field: Field) -> str:
    held = field.held()
    field.temporal(lambda client: client.get_workflow_handle(held.id).terminate())
    return str(held.id)


@plants(Kind.WORKFLOW_WITHOUT_RECORD)
def _(field: Field) -> str:
    created = field.client.v1.payment_intents.create({"amount": 1_000, "currency": "usd"})
    field.sql("DELETE FROM payment_intents WHERE id = $1", created.id)
    return str(created.id)


def versions_later(field: Field, versions: int) -> str:
    """A hold whose record is of another version than its workflow."""
    held = field.held()
    field.client.v1.payment_intents.update(held.id, {"description": "later"})
    version = field.sql("SELECT version FROM payment_intents WHERE id = $1", held.id)[0]["version"] + versions
    field.sql("UPDATE payment_intents SET version = $2 WHERE id = $1", held.id, version)
    field.state(held.id, "version", value=version)
    return str(held.id)


@plants(Kind.WORKFLOW_AHEAD)
def _(field: Field) -> str:
    return versions_later(field, -1)


@plants(Kind.WORKFLOW_BEHIND)
def _(field: Field) -> str:
    return versions_later(field, 1)


@plants(Kind.WORKFLOW_DIFFERS)
def _(field: Field) -> str:
    held = field.held()
    field.state(held.id, "attempts", value=7)
    return str(held.id)


@plants(Kind.WORKFLOW_SILENT)
def _(field: Field) -> str:
    held = field.held()

    async def replace(client: Client) -> None:
        await client.get_workflow_handle(held.id).terminate()
        await client.start_workflow("PaymentIntent", {}, id=held.id, task_queue="nobody polls this")

    field.temporal(replace)
    return str(held.id)
