"""Customers: create, retrieve, update, delete, list, and their payment methods."""

from typing import Any

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.routes.payment_methods import attached
from api.usecases import payment_methods
from api.usecases.legacy import check_legacy
from api.usecases.metadata import merged
from api.usecases.parents import check_not_here
from domain.identifiers import ID_MAX
from domain.model.hashes import JsonObject
from parameters import others as parameters
from records import customers as records
from records import payment_methods as method_records
from records.events import Announcement
from rendering import payment_method as method_resource
from rendering.customer import render

Body = JsonObject

ATTRIBUTES = ("address", "balance", "business_name", "cash_balance", "description", "email", "individual_name",
              "invoice_settings", "name", "phone", "preferred_locales", "shipping", "tax_exempt")  # fmt: skip


async def create(call: Call, given: parameters.CustomerCreateParameters) -> Body:
    """Create, with a payment method attached if one is given."""
    check_legacy(given)
    id_ = call.mint.id("cus_", length=14)
    data = _merged({}, given)
    snapshot = {**data, "id": id_, "created": call.now, "livemode": call.scope.livemode, "deleted": False}
    announced = call.announcer.statement("customer.created", "customer", id_, snapshot)
    if given.payment_method is None:
        await records.add(call.services.database, call.scope, id_, call.now, data, announced)
    else:
        method = await payment_methods.find(call, given.payment_method)
        await attached(call, method, id_, records.insertion(call.scope, id_, call.now, data), announced)
    return render(await _live(call, id_))


async def retrieve(call: Call, given: parameters.NoParameters) -> Body:
    """One customer, also a deleted one."""
    del given
    id_ = call.path_id("customer")
    customer = await records.load(call.services.database, call.scope, id_)
    if customer is None:
        raise missing("customer", id_, "id", in_path=True)
    return render(customer)


async def update(call: Call, given: parameters.CustomerUpdateParameters) -> Body:
    """Change attributes; an empty string clears."""
    check_legacy(given)
    id_ = call.path_id("customer")
    await _live(call, id_)
    settings = given.invoice_settings
    if settings is not None and settings.default_payment_method is not None:
        await _own_method(call, id_, settings.default_payment_method, "invoice_settings[default_payment_method]")

    def announce(before: records.Customer, after: records.Customer) -> list[Announcement]:
        return [call.announcer.statement("customer.updated", "customer", id_, after, before)]

    database = call.services.database
    changed = await records.change(database, call.scope, id_, lambda before: _merged(before, given), announce)
    if changed is None:
        raise missing("customer", id_, "id", in_path=True)
    return render(changed)


async def delete(call: Call, given: parameters.NoParameters) -> Body:
    """Delete; its payment methods are detached and its attributes forgotten. Who has money here, or might, stays."""
    del given
    id_ = call.path_id("customer")
    await _live(call, id_)

    def announce(before: records.Customer, after: records.Customer) -> list[Announcement]:
        del after
        return [call.announcer.statement("customer.deleted", "customer", id_, before)]

    try:
        await records.delete(call.services.database, call.scope, id_, announce)
    except records.CustomerHasMoney:
        text = (
            f"Customer {id_} has a positive cash balance, money in it that is set aside for a payment, or a refund of "
            "it under way, and cannot be deleted. Refund it, or pay with it, first."
        )
        raise invalid_request(text) from None
    return {"id": id_, "object": "customer", "deleted": True}


async def list_all(call: Call, given: parameters.CustomersListParameters) -> Body:
    """A page, newest first."""
    check_not_here(given, "test_clock")
    found, has_more = await records.newest(
        call.services.database, call.scope, cursor(given), created_bounds(given.created), given.email
    )
    return list_body("/v1/customers", [render(customer) for customer in found], has_more)


async def list_methods(call: Call, given: parameters.CustomerMethodsListParameters) -> Body:
    """The customer's payment methods, newest first."""
    id_ = call.path_id("customer")
    await _live(call, id_)
    found, has_more = await method_records.newest(
        call.services.database, call.scope, cursor(given), id_, given.type, given.allow_redisplay
    )
    rendered = [method_resource.render(method) for method in found]
    return list_body(f"/v1/customers/{id_}/payment_methods", rendered, has_more)


async def retrieve_method(call: Call, given: parameters.NoParameters) -> Body:
    """One of the customer's payment methods."""
    del given
    id_, method_id = call.path_id("customer"), call.path["payment_method"][:ID_MAX].replace("\x00", "")
    await _live(call, id_)
    method = await method_records.load(call.services.database, call.scope, method_id)
    if method is None:
        raise missing("PaymentMethod", method_id, "payment_method", in_path=True)
    if method.customer != id_:
        # As live Stripe has it.
        raise invalid_request("Invalid request", param="customer", status=404)
    return method_resource.render(method)


async def _live(call: Call, id_: str) -> records.Customer:
    customer = await records.load(call.services.database, call.scope, id_)
    if customer is None or customer["deleted"]:
        raise missing("customer", id_, "id", in_path=True)
    return customer


async def _own_method(call: Call, customer: str, id_: str, param: str) -> None:
    method = await method_records.load(call.services.database, call.scope, id_)
    if method is None or method.customer != customer:
        raise missing("PaymentMethod", id_, param, in_path=False)


def _leaf_by_leaf(before: JsonObject, given: JsonObject) -> JsonObject:
    """What was given of a hash changes that of it, as live Stripe has it, and the rest stays."""
    after = dict(before)
    for name, value in given.items():
        known = before.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            after[name] = _leaf_by_leaf(known, value)
        else:
            after[name] = value
    return after


def _merged(before: JsonObject, given: Any) -> JsonObject:
    """Attributes after a change: what was given replaces leaf by leaf, None clears, metadata is merged key by key.

    Raises:
        StripeError: an address to send goods to would be nobody's, or nowhere.
    """
    after = _leaf_by_leaf(before, given.given(*ATTRIBUTES))
    for name in ("address", "name"):
        if after.get("shipping") and not after["shipping"].get(name):
            param = f"shipping[{name}]"
            raise invalid_request(f"Missing required param: {param}.", code="parameter_missing", param=param)
    if "metadata" in given.model_fields_set:
        after["metadata"] = merged(before.get("metadata", {}), given)
    return {key: value for key, value in after.items() if value is not None}


RESOURCE = Resource(path="/v1/customers", name="customers", returns="customer")

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Create a customer", parameters.CustomerCreateParameters, create),
    RESOURCE.operation("GET", "", "list", "List customers", parameters.CustomersListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a customer", parameters.NoParameters, retrieve),
    RESOURCE.operation("POST", "/{id}", "update", "Update a customer", parameters.CustomerUpdateParameters, update),
    RESOURCE.operation("DELETE", "/{id}", "delete", "Delete a customer", parameters.NoParameters, delete),
    RESOURCE.operation(
        "GET",
        "/{id}/payment_methods",
        "list_payment_methods",
        "List a customer's payment methods",
        parameters.CustomerMethodsListParameters,
        list_methods,
        is_list=True,
        returns="payment_method",
    ),
    RESOURCE.operation(
        "GET",
        "/{id}/payment_methods/{payment_method}",
        "retrieve_payment_method",
        "Retrieve a customer's payment method",
        parameters.NoParameters,
        retrieve_method,
        returns="payment_method",
    ),
)
