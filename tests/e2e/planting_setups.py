"""Planting differences of SetupIntents, as planting.py does of payments."""

from functools import partial
from typing import Any

from temporalio.client import Client

from domain.reconciliation.kinds import Kind
from tests.e2e.field import Field
from tests.e2e.planting import LONG, Plant, plants
from tests.e2e.reconciled_setups import challenged, of_type, saved
from tests.e2e.test_setup_intents import CARDS, RETURN

SETUP_PLANTS: list[Plant] = []
of_setups = partial(plants, among=SETUP_PLANTS)


def attempt_of(setup: Any) -> str:
    """The latest attempt."""
    return str(setup.latest_attempt)


@of_setups(Kind.RECORD_UNREADABLE)
def _(field: Field) -> str:
    id_ = saved(field.client).id
    other = """{"of": "another release"}"""
    field.sql("UPDATE setup_intents SET data = $2::text::jsonb WHERE id = $1", id_, other)
    return str(id_)


@of_setups(Kind.RECORD_CONTRADICTS_ITSELF)
def _(field: Field) -> str:
    id_ = saved(field.client).id
    field.sql("UPDATE setup_intents SET customer = NULL WHERE id = $1", id_)
    return str(id_)


@of_setups(Kind.STATUS_DIFFERS_FROM_ATTEMPT)
def _(field: Field) -> str:
    """Nobody is asked any more, and its attempt waits."""
    asked = challenged(field.client)
    field.temporal(lambda client: client.get_workflow_handle(asked.id).terminate())
    field.sql("UPDATE setup_intents SET status = 'requires_confirmation' WHERE id = $1", asked.id)
    field.setup(asked.id, "status", value="requires_confirmation")
    field.setup(asked.id, "next_action", value=None)
    return str(asked.id)


@of_setups(Kind.ATTEMPT_MISSING)
def _(field: Field) -> str:
    attempt = attempt_of(saved(field.client))
    field.sql("DELETE FROM setup_attempts WHERE id = $1", attempt)
    return attempt


@of_setups(Kind.ATTEMPT_UNKNOWN)
def _(field: Field) -> str:
    more = "setatt_planted"
    copy_of_attempt(field, attempt_of(saved(field.client)), more, "abandoned")
    return more


def copy_of_attempt(field: Field, attempt: str, copy: str, status: str) -> None:
    """One more attempt of the same SetupIntent."""
    names = "account, livemode, created, setup_intent"
    data = "data || jsonb_build_object('id', $1::text, 'status', $3::text)"
    field.sql(
        f"INSERT INTO setup_attempts (id, {names}, status, data) SELECT $1, {names}, $3::text, {data} "
        "FROM setup_attempts WHERE id = $2",
        copy, attempt, status,
    )  # fmt: skip


@of_setups(Kind.ATTEMPT_DIFFERS)
def _(field: Field) -> str:
    attempt = attempt_of(saved(field.client))
    field.sql("UPDATE setup_attempts SET status = 'failed' WHERE id = $1", attempt)
    return attempt


@of_setups(Kind.SECOND_SUCCESS)
def _(field: Field) -> str:
    """Its first attempt, which waited until another took its place, is said to have succeeded, too."""
    asked = challenged(field.client)
    first = attempt_of(asked)
    field.client.v1.setup_intents.confirm(asked.id, {"payment_method": "pm_card_visa", **RETURN})
    field.sql("DROP INDEX setup_attempts_one_success")
    field.sql("UPDATE setup_attempts SET status = 'succeeded' WHERE id = $1", first)
    field.attempt(first, "status", value="succeeded")
    return str(asked.id)


@of_setups(Kind.METHOD_NOT_KEPT)
def _(field: Field) -> str:
    method = saved(field.client).payment_method
    field.sql("UPDATE payment_methods SET customer = NULL WHERE id = $1", method)
    return str(method)


@of_setups(Kind.MANDATE_MISSING)
def _(field: Field) -> str:
    mandate = of_type(field.client, "sepa_debit", {"iban": "DE89370400440532013000"}).mandate
    field.sql("DELETE FROM mandates WHERE id = $1", mandate)
    return str(mandate)


@of_setups(Kind.EVENT_MISSING)
def _(field: Field) -> str:
    id_ = saved(field.client).id
    field.sql("DELETE FROM events WHERE object_id = $1 AND type = 'setup_intent.succeeded'", id_)
    return str(id_)


@of_setups(Kind.EVENT_DOUBLED)
def _(field: Field) -> str:
    id_ = saved(field.client).id
    field.event(id_, type_="setup_intent.succeeded", object_id=id_)
    return str(id_)


@of_setups(Kind.EVENT_OF_NOTHING)
def _(field: Field) -> str:
    id_ = saved(field.client).id
    field.event(id_, type_="setup_intent.canceled", object_id=id_)
    return str(id_)


@of_setups(Kind.EVENT_OUT_OF_ORDER)
def _(field: Field) -> str:
    id_ = saved(field.client).id
    types = ("setup_intent.created", "setup_intent.succeeded")
    last = field.sql("SELECT id FROM events WHERE object_id = $1 ORDER BY seq", id_)[-1]["id"]
    swap = "CASE type WHEN $2 THEN $3 ELSE $2 END"
    field.sql(f"UPDATE events SET type = {swap} WHERE object_id = $1 AND type IN ($2, $3)", id_, *types)
    return str(last)


@of_setups(Kind.SETUP_MISSING_AT_GATEWAY)
def _(field: Field) -> str:
    attempt = attempt_of(saved(field.client))
    field.book("DELETE FROM setups WHERE attempt = ?", attempt)
    return attempt


@of_setups(Kind.SETUP_UNKNOWN_TO_US)
def _(field: Field) -> str:
    field.setup_entry("seti_planted/1/set_up", "setatt_of_nobody", "tok_planted")
    return "setatt_of_nobody"


@of_setups(Kind.SETUP_UNKNOWN_TO_US)
def _(field: Field) -> str:
    """Of one that waits for its owner."""
    asked = challenged(field.client)
    field.setup_entry(f"{asked.id}/1/set_up/authenticated", attempt_of(asked), "tok_planted")
    return attempt_of(asked)


@of_setups(Kind.SET_UP_TWICE)
def _(field: Field) -> str:
    setup = saved(field.client)
    field.setup_entry(f"{setup.id}/1/set_up again", attempt_of(setup), "tok_planted")
    return attempt_of(setup)


@of_setups(Kind.SETUP_METHOD_DIFFERS)
def _(field: Field) -> str:
    attempt = attempt_of(saved(field.client))
    field.book("UPDATE setups SET token = 'tok_other' WHERE attempt = ?", attempt)
    return attempt


@of_setups(Kind.OUTCOME_UNKNOWN_FOR_LONG)
def _(field: Field) -> str:
    setup = field.client.v1.setup_intents.create(CARDS)
    field.running.faults(outage=True, operations=["refund", "set_up", "retrieve"])
    told = field.client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    assert told.status == "processing"
    # Others are set up yet; what became of this one nobody says.
    field.running.faults(outage=True, operations=["refund", "retrieve"])
    field.sql("UPDATE setup_intents SET owed_since = owed_since - $2::bigint WHERE id = $1", setup.id, LONG)
    return str(setup.id)


@of_setups(Kind.COMMAND_UNDER_WAY_FOR_LONG)
def _(field: Field) -> str:
    asked = challenged(field.client)
    begun = "jsonb_build_object('command', jsonb_build_object('name', 'cancel'), 'now', created - $2::bigint)"
    field.sql(f"UPDATE setup_intents SET under_way = {begun} WHERE id = $1", asked.id, LONG)
    return str(asked.id)


@of_setups(Kind.OVERDUE)
def _(field: Field) -> str:
    asked = challenged(field.client)
    field.setup(asked.id, "next_action", "expires_at", value=asked.created - LONG)
    return str(asked.id)


@of_setups(Kind.OPEN_WITHOUT_WORKFLOW)
def _(field: Field) -> str:
    asked = challenged(field.client)
    field.temporal(lambda client: client.get_workflow_handle(asked.id).terminate())
    return str(asked.id)


@of_setups(Kind.WORKFLOW_WITHOUT_RECORD)
def _(field: Field) -> str:
    created = field.client.v1.setup_intents.create(CARDS)
    field.sql("DELETE FROM setup_intents WHERE id = $1", created.id)
    return str(created.id)


def versions_later(field: Field, versions: int) -> str:
    """One that waits, whose record is of another version than its workflow."""
    asked = challenged(field.client)
    field.client.v1.setup_intents.update(asked.id, {"description": "later"})
    version = field.sql("SELECT version FROM setup_intents WHERE id = $1", asked.id)[0]["version"] + versions
    field.sql("UPDATE setup_intents SET version = $2 WHERE id = $1", asked.id, version)
    field.setup(asked.id, "version", value=version)
    return str(asked.id)


@of_setups(Kind.WORKFLOW_AHEAD)
def _(field: Field) -> str:
    return versions_later(field, -1)


@of_setups(Kind.WORKFLOW_BEHIND)
def _(field: Field) -> str:
    return versions_later(field, 1)


@of_setups(Kind.WORKFLOW_DIFFERS)
def _(field: Field) -> str:
    asked = challenged(field.client)
    field.setup(asked.id, "next_action", "authentication", value="authn_other")
    return str(asked.id)


@of_setups(Kind.WORKFLOW_SILENT)
def _(field: Field) -> str:
    asked = challenged(field.client)

    async def replace(client: Client) -> None:
        await client.get_workflow_handle(asked.id).terminate()
        await client.start_workflow("SetupIntent", {}, id=asked.id, task_queue="nobody polls this")

    field.temporal(replace)
    return str(asked.id)
