"""Charges: the history of payment attempts. What moves their money is their PaymentIntent.

Who asks for more is refused in Stripe's words: it takes no charges without a PaymentIntent any more, and captures none.
"""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request, missing
from api.dialect.known_as import charge_known_as, newest_charges
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.usecases.changes import existing_customer
from api.usecases.legacy import check_legacy
from api.usecases.metadata import merged
from api.usecases.parents import check_parents
from domain.model.charges import Charge
from domain.model.hashes import JsonObject
from parameters.charges import (
    ChargeCaptureParameters,
    ChargeCreateParameters,
    ChargesListParameters,
    ChargeUpdateParameters,
)
from parameters.others import NoParameters
from records import charges as records
from records import payment_methods
from records.codec import dump_charge
from records.events import Announcement
from records.scope import Cursor
from rendering.charge import render
from rendering.versions.changes import listed_payments

Body = JsonObject

NOTHING_SAVED = (
    "This Customer doesn't have any saved payment details. Attach a legacy Token, Card, Bank Account, or Source to "
    "this Customer and then try this request again, or use Payment Intents and Payment Methods instead."
)
METHOD_SAVED = (
    "This Customer doesn't have any legacy saved payment details, but does have a Payment Method attached. Use a "
    "Payment Intent instead of creating a Charge: https://stripe.com/docs/payments/payment-intents/migration"
)
TO_CAPTURE = (
    "This uncaptured Charge was created by a PaymentIntent ({}). You must capture the PaymentIntent instead. For more "
    "information, see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"
)
TO_GROUP = (
    "This Charge was created by a PaymentIntent ({}). You must update the `transfer_group` on the PaymentIntent "
    "instead of updating the Charge directly. See https://stripe.com/docs/api#update_payment_intent"
)


async def create(call: Call, given: ChargeCreateParameters) -> Body:
    """Refuse: as live Stripe does, for an account that has never had the switch for it."""
    check_legacy(given)
    if given.customer is None:
        raise invalid_request("Must provide source or customer.", code="parameter_missing")
    await existing_customer(call, given.customer)
    first = Cursor(limit=1)
    saved, _ = await payment_methods.newest(call.services.database, call.scope, first, given.customer, None, None)
    text = METHOD_SAVED if saved else NOTHING_SAVED
    raise StripeError(text, type_="card_error", code="missing", param="card", status=402)


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One charge; for a connected account, also what a transfer has brought it."""
    del given
    id_ = call.path_id("charge")
    found = await charge_known_as(call.services.database, call.scope, id_)
    if found is None:
        raise missing("charge", id_, "id", in_path=True)
    return found


async def update(call: Call, given: ChargeUpdateParameters) -> Body:
    """Say something of it: a note, whom to send the receipt, whose it is if it is nobody's. The PaymentIntent stays."""
    charge = await known(call)
    if given.transfer_group is not None:
        raise invalid_request(TO_GROUP.format(charge.payment_intent))
    if given.customer is not None:
        await existing_customer(call, given.customer)

    def announce(before: Charge, after: Charge) -> list[Announcement]:
        now, was = dump_charge(after), dump_charge(before)
        return [call.announcer.statement("charge.updated", "charge", charge.id, now, was)]

    changed = await records.change(
        call.services.database, call.scope, charge.id, lambda before: _changed(before, given), announce
    )
    if changed is None:
        raise missing("charge", charge.id, "id", in_path=True)
    return render(changed)


def _changed(before: Charge, given: ChargeUpdateParameters) -> Charge:
    if given.customer is not None and before.customer not in (None, given.customer):
        text = f"This charge already has a customer ({before.customer}), which cannot be changed."
        raise invalid_request(text, param="customer")
    changes = given.given("customer", "description", "receipt_email", "shipping")
    if given.fraud_details is not None and "user_report" in given.fraud_details.model_fields_set:
        changes["user_report"] = given.fraud_details.user_report or ""
    return replace(before, metadata=merged(before.metadata, given), **changes)


async def capture(call: Call, given: ChargeCaptureParameters) -> Body:
    """Refuse: a hold is its PaymentIntent's, which has to know."""
    del given
    charge = await known(call)
    if charge.captured:
        text = f"Charge {charge.id} has already been captured."
        raise StripeError(text, code="charge_already_captured", executed=True)
    raise StripeError(TO_CAPTURE.format(charge.payment_intent), executed=True)


async def list_all(call: Call, given: ChargesListParameters) -> Body:
    """A page, newest first: of one PaymentIntent, its attempts; a connected account has what transfers brought, too."""
    database, page, created = call.services.database, cursor(given), created_bounds(given.created)
    if call.key.platform is not None and given.payment_intent is None and given.customer is None:
        shown, has_more = await newest_charges(database, call.scope, page, created, given.transfer_group)
        return list_body("/v1/charges", shown, has_more)
    found, has_more = await records.newest(
        database,
        call.scope,
        page,
        created,
        payment_intent=given.payment_intent,
        customer=given.customer,
        transfer_group=given.transfer_group,
        by_card=listed_payments.CHANGE.concerns(call.version),
    )
    if not found:
        await check_parents(call, given, "customer", "payment_intent")
    return list_body("/v1/charges", [render(charge) for charge in found], has_more)


async def known(call: Call) -> Charge:
    """The charge that the path names.

    Raises:
        StripeError: there is none.
    """
    id_ = call.path_id("charge")
    charge = await records.load(call.services.database, call.scope, id_)
    if charge is None:
        raise missing("charge", id_, "id", in_path=True)
    return charge


RESOURCE = Resource(path="/v1/charges", name="charges", returns="charge")

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Charge without a PaymentIntent: refused", ChargeCreateParameters, create),
    RESOURCE.operation("GET", "", "list", "List charges", ChargesListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a charge", NoParameters, retrieve),
    RESOURCE.operation("POST", "/{id}", "update", "Update a charge", ChargeUpdateParameters, update),
    RESOURCE.operation(
        "POST", "/{id}/capture", "capture", "Capture a charge of itself: refused", ChargeCaptureParameters, capture
    ),
)
