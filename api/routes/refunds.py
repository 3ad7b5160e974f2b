"""Refunds: a command to the PaymentIntent whose money it is, so that two never give back more than was taken."""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request, missing, refused
from api.dialect.known_as import charge_known_as, newest_refunds, refund_known_as
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.usecases import balance_refunds
from api.usecases.commands import identity, send
from api.usecases.metadata import merged
from api.usecases.parents import check_parents
from domain.machine.balance_refunds import is_one as is_of_balance
from domain.machine.sharing import no_share
from domain.model.commands import RefundCharge, RefundResult
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from domain.model.refunds import ChargeRefund, WayBack, not_successful, receiver, way_back
from domain.model.shares import FEE, TRANSFER
from parameters import refunds as parameters
from parameters.others import NoParameters
from records import charges, customers, payment_intents
from records import refunds as records
from records.codec import dump_refund
from records.events import Announcement
from rendering.refund import UPDATED, render

Body = JsonObject


async def create(call: Call, given: parameters.RefundCreateParameters) -> Body:
    """Give back all that is left, or `amount` of it."""
    if given.origin is not None:
        return render(await balance_refunds.create(call, given))
    intent = await _whose(call, given)
    _check_connected(call, intent, given)
    command = RefundCharge(
        **identity(call),
        refund=call.mint.id(_beginning(intent), length=23),
        amount=given.amount,
        reason=given.reason,
        metadata={key: value for key, value in (given.metadata or {}).items() if value is not None},
        instructions_email=await _receiver(call, intent, given.instructions_email),
        refund_application_fee=given.refund_application_fee,
        reverse_transfer=given.reverse_transfer,
    )
    try:
        await send(call, intent, command)
    except StripeError as error:
        # A refund's error is about the charge; Stripe shows no PaymentIntent with it.
        error.error.pop("payment_intent", None)
        raise
    return render(await _known(call, command.refund))


def _beginning(intent: PaymentIntent) -> str:
    """How the id begins: of a payment that no card has made (`py_`) otherwise than of a card's."""
    return "pyr_1" if intent.charge is not None and intent.charge.id.startswith("py_") else "re_3"


async def _whose(call: Call, given: parameters.RefundCreateParameters) -> PaymentIntent:
    """The intent whose money it is."""
    if (given.charge is None) == (given.payment_intent is None):
        both = given.charge is not None
        text = (
            "You may only specify one of these parameters: charge, payment_intent."
            if both
            else "One of the following params should be provided for this request: payment_intent or charge."
        )
        raise invalid_request(text, code="parameters_exclusive" if both else None)
    id_ = given.payment_intent
    if given.charge is not None:
        charge = await charges.load(call.services.database, call.scope, given.charge)
        if charge is None:
            # As live Stripe has it, though it is no path that names it.
            raise missing("charge", given.charge, "id", in_path=True)
        id_ = charge.payment_intent
    intent = await payment_intents.load(call.services.database, call.scope, id_ or "")
    if intent is None:
        raise missing("payment_intent", id_ or "", "payment_intent", in_path=False)
    if given.charge is not None and (intent.charge is None or intent.charge.id != given.charge):
        raise refused(not_successful(intent.id))
    return intent


async def _receiver(call: Call, intent: PaymentIntent, given: str | None) -> str | None:
    """Who is asked where the money is to go, if somebody has to be: as given, or as payment or customer say."""
    charge = intent.charge
    if charge is None or way_back(charge.payment_method.type) is not WayBack.BANK:
        return given
    known = receiver(charge, given)
    if known is None and intent.customer is not None:
        customer = await customers.load(call.services.database, call.scope, intent.customer)
        known = (customer or {}).get("email")
    return known


def _check_connected(call: Call, intent: PaymentIntent, given: parameters.RefundCreateParameters) -> None:
    """Let be asked for what was asked of the payment. Where nobody has got it, nothing comes back: it is as it was."""
    charge = intent.charge
    if given.reverse_transfer and not (intent.transfer_data or {}).get("destination"):
        raise refused(no_share(TRANSFER))
    if given.refund_application_fee:
        taken = charge.fee_taken if charge else 0
        if not taken and intent.application_fee_amount is None:
            raise refused(no_share(FEE))
        if taken and intent.platform != call.key.platform:
            # It is the platform's money, and the account has asked by a key of its own.
            text = "An application fee can be refunded only by the application that created the charge."
            raise invalid_request(text, param="refund_application_fee")
    if given.currency is not None and given.currency.lower() != intent.currency:
        raise invalid_request(f"The currency of the charge is {intent.currency}.", param="currency")


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One refund; for a connected account, also by what it has given a transfer back."""
    del given
    id_ = call.path_id("refund", "refund")
    found = await refund_known_as(call.services.database, call.scope, id_)
    if found is None:
        raise missing("refund", id_, "refund", in_path=True)
    return found


async def update(call: Call, given: parameters.RefundUpdateParameters) -> Body:
    """Change its metadata, which is all that can change."""
    return await change(call, call.path_id("refund", "refund"), given)


async def change(call: Call, id_: str, given: parameters.RefundUpdateParameters) -> Body:
    """Change the metadata of the refund with this id."""

    def announce(before: ChargeRefund, after: ChargeRefund) -> list[Announcement]:
        now, was = dump_refund(after), dump_refund(before)
        return [call.announcer.statement(type_, "refund", id_, now, was) for type_ in UPDATED]

    changed = await records.change_notes(
        call.services.database,
        call.scope,
        id_,
        lambda before: replace(before, metadata=merged(before.metadata, given)),
        announce,
    )
    if changed is None:
        raise missing("refund", id_, "refund", in_path=True)
    return render(changed)


async def cancel(call: Call, given: NoParameters) -> Body:
    """Take back a refund whose receiver has not said yet where it is to go (`requires_action`); a card's never asks."""
    del given
    return await _end(call, "canceled")


async def expire(call: Call, given: NoParameters) -> Body:
    """In test mode: let its receiver's time to answer be over."""
    del given
    return await _end(call, "failed")


async def _end(call: Call, status: str) -> Body:
    """The gateway stops asking, if nobody has answered; then the payment is told, as by the gateway's notification."""
    refund = await _known(call, call.path_id("refund", "refund"))
    if refund.status == status:
        return render(refund)
    if refund.status == "requires_action" and await call.services.funding.end_refund(refund.id, status):
        if is_of_balance(refund):
            return render(await balance_refunds.end(call.services, refund, status, cause=call.cause))
        intent = await payment_intents.load(call.services.database, call.scope, refund.payment_intent)
        if intent is None:
            raise missing("refund", refund.id, "refund", in_path=True)
        told = "canceled" if status == "canceled" else ""
        command = RefundResult(**{**identity(call), "command_id": f"{refund.id}/{status}"}, refund=refund, status=told)
        await send(call, intent, command)
        return render(await _known(call, refund.id))
    if status == "canceled":
        raise StripeError("Canceling this refund is unsupported.", executed=True)
    now = (await _known(call, refund.id)).status
    raise StripeError(f"Refund {refund.id} cannot be expired because it has a status of {now}.", executed=True)


async def list_all(call: Call, given: parameters.RefundsListParameters) -> Body:
    """A page, newest first: of one charge, of one PaymentIntent, or of all."""
    database, page, created = call.services.database, cursor(given), created_bounds(given.created)
    if call.key.platform is not None and given.payment_intent is None:
        shown, has_more = await newest_refunds(database, call.scope, page, created, given.charge)
        if not shown and not (given.charge and await charge_known_as(database, call.scope, given.charge)):
            await check_parents(call, given, "charge")
        return list_body("/v1/refunds", shown, has_more)
    found, has_more = await records.newest(database, call.scope, page, created, given.charge, given.payment_intent)
    if not found:
        await check_parents(call, given, "charge", "payment_intent")
    return list_body("/v1/refunds", [render(refund) for refund in found], has_more)


async def _known(call: Call, id_: str) -> ChargeRefund:
    refund = await records.load(call.services.database, call.scope, id_)
    if refund is None:
        raise missing("refund", id_, "refund", in_path=True)
    return refund


RESOURCE = Resource(path="/v1/refunds", name="refunds", returns="refund")

HELPERS = Resource(path="/v1/test_helpers/refunds", name="test_helpers.refunds", returns="refund")

OPERATIONS = (
    HELPERS.operation(
        "POST",
        "/{id}/expire",
        "expire",
        "Let the time of whoever is asked about a refund be over",
        NoParameters,
        expire,
        test_only=True,
    ),
    RESOURCE.operation("POST", "", "create", "Create a refund", parameters.RefundCreateParameters, create),
    RESOURCE.operation("GET", "", "list", "List refunds", parameters.RefundsListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a refund", NoParameters, retrieve),
    RESOURCE.operation("POST", "/{id}", "update", "Update a refund", parameters.RefundUpdateParameters, update),
    RESOURCE.operation("POST", "/{id}/cancel", "cancel", "Cancel a refund", NoParameters, cancel),
)
