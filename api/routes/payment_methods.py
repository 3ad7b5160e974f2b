"""PaymentMethods: create, retrieve, update, list, attach to a customer, detach."""

from dataclasses import replace
from datetime import UTC, datetime

from api.dialect import errors
from api.dialect.call import Call
from api.dialect.errors import card_refused, invalid_request, missing
from api.dialect.lists import cursor, list_body
from api.dialect.operation import Resource
from api.usecases import payment_methods, sharing
from api.usecases.changes import existing_customer
from api.usecases.metadata import merged
from api.usecases.parents import check_not_here
from domain.methods.card_numbers import expiry_refusal, full_year
from domain.methods.families import ATTACHABLE
from domain.model.gateways import first_hop
from domain.model.hashes import JsonObject
from domain.model.outcomes import Approved, Declined
from domain.model.payment_methods import PaymentMethod
from domain.model.wording import payment_method_consumed
from domain.money import declines
from parameters import others as parameters
from records import payment_methods as records
from records.changing import Announce
from records.codec import dump_method
from records.customers import CustomerDeleted
from records.database import Statement
from records.events import Announcement
from rendering.payment_method import render

Body = JsonObject


async def create(call: Call, given: parameters.PaymentMethodCreate) -> Body:
    """Create from card data; a browser may do so with the publishable key. Or from one of the platform's (Connect)."""
    if given.payment_method is not None:
        copied = await sharing.shared(call, given.payment_method, given)
        return render(await payment_methods.keep(call, copied))
    if given.customer is not None:
        raise invalid_request(
            "You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the "
            "PaymentMethod and then attach it using the attachment method of the PaymentMethods API."
        )
    return render(await payment_methods.make(call, given))


async def retrieve(call: Call, given: parameters.NoParameters) -> Body:
    """One payment method; a test card's name shows a fresh one."""
    del given
    return render(await _known(call))


async def update(call: Call, given: parameters.PaymentMethodUpdateParameters) -> Body:
    """Change billing details, expiry, metadata, or how it may be shown."""
    method, today = await _known(call), datetime.fromtimestamp(call.now, UTC)
    changed = await records.change(
        call.services.database,
        call.scope,
        method.id,
        lambda before: _updated(before, given, today),
        _telling(call, "updated"),
    )
    return render(changed or method)


def _updated(method: PaymentMethod, given: parameters.PaymentMethodUpdateParameters, today: datetime) -> PaymentMethod:
    card = method.card
    if given.card is not None and card is not None:
        month = card.exp_month if given.card.exp_month is None else given.card.exp_month
        year = card.exp_year if given.card.exp_year is None else full_year(given.card.exp_year)
        refusal = expiry_refusal(month, year, today.year, today.month)
        if refusal is not None:
            raise card_refused(refusal)
        card = replace(card, exp_month=month, exp_year=year)
    who = payment_methods.billing_details(method.billing_details, given.billing_details)
    return replace(
        method,
        card=payment_methods.unchecked(card, method.billing_details, who),
        billing_details=who,
        allow_redisplay=given.allow_redisplay or method.allow_redisplay,
        metadata=merged(method.metadata, given),
    )


def _telling(call: Call, what: str) -> Announce[PaymentMethod]:
    """The event that says so; what has changed is only told of an update or a detachment."""

    def announce(before: PaymentMethod, after: PaymentMethod) -> list[Announcement]:
        was = None if what == "attached" else dump_method(before)
        type_ = f"payment_method.{what}"
        return [call.announcer.statement(type_, "payment_method", after.id, dump_method(after), was)]

    return announce


async def list_all(call: Call, given: parameters.PaymentMethodsListParameters) -> Body:
    """A page of one customer's, newest first. What is nobody's is in no list, as at Stripe."""
    check_not_here(given, "customer_account")
    found, has_more = await records.newest(
        call.services.database, call.scope, cursor(given), given.customer or "", given.type, given.allow_redisplay
    )
    if given.customer is not None and not found:
        await existing_customer(call, given.customer)
    return list_body("/v1/payment_methods", [render(method) for method in found], has_more)


async def attach(call: Call, given: parameters.AttachParameters) -> Body:
    """Attach to a customer, if the card's bank lets it be kept."""
    if given.customer is None:
        raise invalid_request("Must provide customer or customer_account.", code="parameter_missing")
    method = await _known(call)
    await existing_customer(call, given.customer)
    try:
        return render(await attached(call, method, given.customer))
    except CustomerDeleted:
        raise missing("customer", given.customer, "customer", in_path=False) from None


async def attached(call: Call, method: PaymentMethod, customer: str, *first: Statement) -> PaymentMethod:
    """The method, attached to the customer. `first` happens with it: it may be what makes the customer.

    Raises:
        StripeError: its type cannot be kept, it is another's, it is used up, or the bank says no.
        CustomerDeleted: there is no such customer.
    """
    if method.type not in ATTACHABLE:
        raise invalid_request(f"PaymentMethods of type '{method.type}' cannot be saved to customers.")
    _check_free(method, customer)
    checks = await _check_bank(call, method)

    def attach(before: PaymentMethod) -> PaymentMethod:
        # Once more: it may have been used while the bank was asked.
        _check_free(before, customer)
        return replace(before, customer=customer, card=payment_methods.checked(before.card, checks))

    telling = _telling(call, "attached")
    kept = await records.attach(call.services.database, call.scope, method.id, customer, attach, telling, *first)
    return kept or method


def _check_free(method: PaymentMethod, customer: str) -> None:
    if method.consumed:
        raise errors.refused(payment_method_consumed())
    if method.customer not in (None, customer):
        raise invalid_request("The payment method you provided has already been attached to a customer.")


async def _check_bank(call: Call, method: PaymentMethod) -> dict[str, str | None]:
    """What the bank makes of the security code and the address, if it lets the method be kept."""
    token = method.token_at(first_hop(call.services.default_route).gateway)
    outcome = await call.services.tokenization.verify(token or method.token)
    if isinstance(outcome, Declined):
        decline = declines.decline(outcome.decline_code)
        raise errors.StripeError(
            decline.message,
            type_="card_error",
            code=declines.error_code(outcome.decline_code),
            # As live Stripe has it: here, and not when it is charged, nothing to blame is an empty string.
            param=decline.param or "",
            status=402,
            fields={
                "advice_code": decline.advice,
                "decline_code": outcome.decline_code,
                "network_advice_code": outcome.network_advice_code,
                "network_decline_code": outcome.network_decline_code,
            },
            executed=True,
        )
    return outcome.checks if isinstance(outcome, Approved) else {}


async def detach(call: Call, given: parameters.NoParameters) -> Body:
    """Detach; the method is of no use afterwards."""
    del given
    method = await _known(call)
    if method.customer is None:
        raise invalid_request(
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    return render(await detached(call, method))


async def detached(call: Call, method: PaymentMethod) -> PaymentMethod:
    """The method, which is nobody's any more."""
    loose = await records.change(
        call.services.database,
        call.scope,
        method.id,
        lambda before: replace(before, customer=None, consumed=True),
        _telling(call, "detached"),
    )
    return loose or method


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
