"""Disputes: what buyers' banks have taken back, or ask about, and what their merchants say to that."""

import time
from collections.abc import Iterator

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request, missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.usecases.commands import identity, send
from api.usecases.metadata import merged
from api.usecases.parents import check_parents
from domain.model.commands import CloseDispute, UpdateDispute
from domain.model.disputes import Dispute
from domain.model.hashes import JsonObject
from parameters.disputes import FILES, DisputeUpdateParameters
from parameters.others import DisputesListParameters, NoParameters
from records import charges, files, payment_intents
from records import disputes as records
from records.scope import Created, Cursor
from rendering.dispute import render


async def retrieve(call: Call, given: NoParameters) -> JsonObject:
    """One dispute."""
    del given
    return render(await _known(call), call.now)


async def _known(call: Call) -> Dispute:
    id_ = call.path_id("dispute", "dispute")
    dispute = await records.load(call.services.database, call.scope, id_)
    if dispute is None:
        raise missing("dispute", id_, "dispute", in_path=True)
    return dispute


async def update(call: Call, given: DisputeUpdateParameters) -> JsonObject:
    """Say something to it: the bank gets it all, unless it is only staged."""
    return await _answer(call, await _known(call), given)


async def close(call: Call, given: NoParameters) -> JsonObject:
    """Contest it no longer: it is lost."""
    del given
    return await _concede(call, await _known(call))


async def of_charge(call: Call, given: NoParameters) -> JsonObject:
    """The dispute of the charge in the path, if it has one."""
    del given
    return render(await _charges(call), call.now)


async def update_of_charge(call: Call, given: DisputeUpdateParameters) -> JsonObject:
    """Say something to the dispute of the charge in the path."""
    return await _answer(call, await _charges(call), given)


async def close_of_charge(call: Call, given: NoParameters) -> JsonObject:
    """Contest the dispute of the charge in the path no longer."""
    del given
    return await _concede(call, await _charges(call))


async def _charges(call: Call) -> Dispute:
    id_ = call.path_id("charge", "charge")
    charge = await charges.load(call.services.database, call.scope, id_)
    if charge is None:
        raise missing("charge", id_, "charge", in_path=True)
    found = charge.dispute and await records.load(call.services.database, call.scope, charge.dispute)
    if not found:
        raise invalid_request(f"No dispute for charge: {id_}", status=404)
    return found


async def _answer(call: Call, dispute: Dispute, given: DisputeUpdateParameters) -> JsonObject:
    changes = given.given("evidence", "intended_submission_method", "metadata")
    if "metadata" in changes:
        # Refused if that would be too many.
        merged(dispute.metadata, given)
    await _check_files(call, changes.get("evidence") or {})
    if "submit" in given.model_fields_set and given.submit:
        # To say no more than that is to send what was staged.
        changes.setdefault("evidence", {})
    command = UpdateDispute(**identity(call), dispute=dispute.id, changes=changes, submit=given.submit)
    return await _send(call, dispute, command)


async def _check_files(call: Call, evidence: JsonObject) -> None:
    """What the bank is shown has to be there, and one's own."""
    for param, id_ in _files_of(evidence):
        if await files.load(call.services.database, call.scope, id_) is None:
            raise missing("file upload", id_, param, in_path=False)


def _files_of(evidence: JsonObject) -> Iterator[tuple[str, str]]:
    """Files by where they are named."""
    yield from ((f"evidence[{name}]", evidence[name]) for name in FILES if evidence.get(name) is not None)
    appeal = (evidence.get("appeal") or {}).get("card") or {}
    for place, id_ in enumerate(appeal.get("supporting_files") or ()):
        yield f"evidence[appeal][card][supporting_files][{place}]", id_


async def _concede(call: Call, dispute: Dispute) -> JsonObject:
    return await _send(call, dispute, CloseDispute(**identity(call), dispute=dispute.id))


async def _send(call: Call, dispute: Dispute, command: UpdateDispute | CloseDispute) -> JsonObject:
    """To the payment whose money it is about. The dispute as it is then."""
    intent = await payment_intents.load(call.services.database, call.scope, dispute.payment_intent)
    if intent is None:
        raise missing("dispute", dispute.id, "dispute", in_path=True)
    try:
        result = await send(call, intent, command)
    except StripeError as error:
        # Stripe's error is about the dispute, and shows no PaymentIntent.
        error.error.pop("payment_intent", None)
        raise
    if result.error is not None:
        raise StripeError(result.error.message, executed=True)
    after = result.intent.dispute
    return render(after if after is not None and after.id == dispute.id else dispute, call.now)


async def list_all(call: Call, given: DisputesListParameters) -> JsonObject:
    """A page, newest first. In test mode, of a payment that was just made: once its bank has had time to dispute it."""
    found, has_more = await _page(call, given)
    if not found:
        await check_parents(call, given, "charge", "payment_intent")
        until = time.monotonic() + await _seconds_to_come(call, given)
        while not found and time.monotonic() < until and await call.services.pause(LOOK_AGAIN_SECONDS):
            found, has_more = await _page(call, given)
    now = call.services.clock()
    return list_body("/v1/disputes", [render(dispute, now) for dispute in found], has_more)


async def _page(call: Call, given: DisputesListParameters) -> tuple[list[Dispute], bool]:
    return await records.newest(
        call.services.database,
        call.scope,
        cursor(given),
        created_bounds(given.created),
        charge=given.charge,
        payment_intent=given.payment_intent,
    )


async def _seconds_to_come(call: Call, given: DisputesListParameters) -> int:
    """How long a dispute of the payment that is asked for may still be on its way: 0 if none can be.

    Nor is one waited for by who narrows the list: it may be there, and only not on this page.
    """
    named = given.charge or given.payment_intent
    if named is None or call.scope.livemode or given.created or given.starting_after or given.ending_before:
        return 0
    database, scope = call.services.database, call.scope
    if given.charge is not None:
        charge = await charges.load(database, scope, given.charge)
    else:
        found, _ = await charges.newest(database, scope, Cursor(limit=1), Created(), payment_intent=named)
        charge = found[0] if found else None
    if charge is None or not charge.captured or charge.payment_method.card is None:
        return 0
    return max(0, charge.created + SOON_SECONDS - call.services.clock())


SOON_SECONDS = 3
"""A test card's bank disputes within a second; `stripe trigger charge.dispute.closed` asks at once, and once."""

LOOK_AGAIN_SECONDS = 0.1

RESOURCE = Resource(path="/v1/disputes", name="disputes", returns="dispute")

OF_CHARGE = Resource(path="/v1/charges/{id}/dispute", name="disputes.of_charge", returns="dispute")

_UPDATE, _CLOSE = "Answer a dispute", "Contest a dispute no longer"

OPERATIONS = (
    RESOURCE.operation("GET", "", "list", "List disputes", DisputesListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a dispute", NoParameters, retrieve),
    RESOURCE.operation("POST", "/{id}", "update", _UPDATE, DisputeUpdateParameters, update),
    RESOURCE.operation("POST", "/{id}/close", "close", _CLOSE, NoParameters, close),
    OF_CHARGE.operation("GET", "", "retrieve", "Retrieve a charge's dispute", NoParameters, of_charge),
    OF_CHARGE.operation("POST", "", "update", f"{_UPDATE} of a charge", DisputeUpdateParameters, update_of_charge),
    OF_CHARGE.operation("POST", "/close", "close", f"{_CLOSE}, of a charge", NoParameters, close_of_charge),
)
