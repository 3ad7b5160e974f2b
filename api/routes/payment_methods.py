"""PaymentMethods: create, retrieve, update, list, attach to a customer, detach."""

from dataclasses import replace
from typing import Any

from api import payment_methods
from api.dialect import errors
from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.lists import cursor, list_body
from api.dialect.operation import Resource
from api.parameters import others as parameters
from api.resources.payment_method import render
from domain import declines
from domain.cards import full_year
from domain.outcomes import Declined
from domain.payment_methods import PaymentMethod
from domain.wording import payment_method_consumed
from records import customers
from records import payment_methods as records
from records.codec import dump_method
from records.events import Announcement

Body = dict[str, Any]


async def create(call: Call, given: parameters.PaymentMethodCreate) -> Body:
    """Create from card data; a browser may do so with the publishable key."""
    return render(await payment_methods.make(call, given))


async def retrieve(call: Call, given: parameters.NoParameters) -> Body:
    """One payment method; a test card's name shows a fresh one."""
    del given
    return render(await _known(call))


async def update(call: Call, given: parameters.PaymentMethodUpdateParameters) -> Body:
    """Change billing details, expiry, metadata, or how it may be shown."""
    method = await _known(call)
    card = method.card
    if given.card is not None and card is not None:
        card = replace(
            card,
            exp_month=given.card.exp_month or card.exp_month,
            exp_year=full_year(given.card.exp_year) if given.card.exp_year else card.exp_year,
        )
        if not 1 <= card.exp_month <= 12:
            raise invalid_request("Your card's expiration month is invalid.", code="invalid_expiry_month")
    metadata = method.metadata
    if "metadata" in given.model_fields_set:
        merged = {} if given.metadata is None else {**metadata, **given.metadata}
        metadata = {key: value for key, value in merged.items() if value is not None}
    changed = replace(
        method,
        card=card,
        billing_details=payment_methods.billing_details(method.billing_details, given.billing_details),
        allow_redisplay=given.allow_redisplay or method.allow_redisplay,
        metadata=metadata,
    )
    announced = call.announcer.statement(
        "payment_method.updated", "payment_method", method.id, dump_method(changed), dump_method(method)
    )
    await records.save(call.services.database, changed, *([announced] if changed != method else []))
    return render(changed)


async def list_all(call: Call, given: parameters.PaymentMethodsListParameters) -> Body:
    """A page of the account's, or of one customer's, newest first."""
    found, has_more = await records.newest(
        call.services.database, call.scope, cursor(given), given.customer, given.type, given.allow_redisplay
    )
    return list_body("/v1/payment_methods", [render(method) for method in found], has_more)


async def attach(call: Call, given: parameters.AttachParameters) -> Body:
    """Attach to a customer, if the card's bank lets it be kept."""
    method = await _known(call)
    customer = await customers.load(call.services.database, call.scope, given.customer)
    if customer is None or customer["deleted"]:
        raise missing("customer", given.customer, "customer", in_path=False)
    kept = await attached(call, method, given.customer)
    await records.save(call.services.database, kept, *([announce_attached(call, kept)] if kept != method else []))
    return render(kept)


def announce_attached(call: Call, method: PaymentMethod) -> Announcement:
    """The event that says that a method is a customer's now."""
    return call.announcer.statement("payment_method.attached", "payment_method", method.id, dump_method(method))


async def attached(call: Call, method: PaymentMethod, customer: str) -> PaymentMethod:
    """The method as the customer's.

    Raises:
        StripeError: it is another's, it is used up, or the bank says no.
    """
    if method.consumed:
        raise errors.refused(payment_method_consumed())
    if method.customer not in (None, customer):
        raise invalid_request(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
            param="payment_method",
        )
    outcome = await call.services.tokenization.verify(method.token)
    if isinstance(outcome, Declined):
        raise errors.StripeError(
            declines.message(outcome.decline_code),
            type_="card_error",
            code=declines.error_code(outcome.decline_code),
            status=402,
            fields={"decline_code": outcome.decline_code, "payment_method": render(method)},
            executed=True,
        )
    return replace(method, customer=customer)


async def detach(call: Call, given: parameters.NoParameters) -> Body:
    """Detach; the method is of no use afterwards."""
    del given
    method = await _known(call)
    if method.customer is None:
        raise invalid_request(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    loose = replace(method, customer=None, consumed=True)
    announced = call.announcer.statement(
        "payment_method.detached", "payment_method", method.id, dump_method(loose), dump_method(method)
    )
    await records.save(call.services.database, loose, announced)
    return render(loose)


async def _known(call: Call) -> PaymentMethod:
    id_ = call.path_id("PaymentMethod", "payment_method")
    try:
        return await payment_methods.find(call, id_)
    except errors.StripeError as error:
        if error.error["code"] != "resource_missing":
            raise
        raise missing("PaymentMethod", id_, "payment_method", in_path=True) from None


RESOURCE = Resource(path="/v1/payment_methods", name="payment_methods", returns="payment_method")

OPERATIONS = (
    RESOURCE.operation(
        "POST",
        "",
        "create",
        "Create a payment method",
        parameters.PAYMENT_METHOD_CREATE,
        create,
        publishable=True,
    ),
    RESOURCE.operation(
        "GET", "", "list", "List payment methods", parameters.PaymentMethodsListParameters, list_all, is_list=True
    ),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a payment method", parameters.NoParameters, retrieve),
    RESOURCE.operation(
        "POST", "/{id}", "update", "Update a payment method", parameters.PaymentMethodUpdateParameters, update
    ),
    RESOURCE.operation(
        "POST", "/{id}/attach", "attach", "Attach a payment method", parameters.AttachParameters, attach
    ),
    RESOURCE.operation("POST", "/{id}/detach", "detach", "Detach a payment method", parameters.NoParameters, detach),
)
