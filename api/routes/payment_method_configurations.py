"""Payment method configurations: which types an account offers to whoever names none."""

from dataclasses import replace
from typing import Any

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.lists import cursor, list_body
from api.dialect.operation import Resource
from domain.methods.offered import NAME, OFF, Configuration
from domain.model.hashes import JsonObject
from parameters import payment_method_configurations as parameters
from parameters.others import NoParameters
from records import payment_method_configurations as records
from rendering.payment_method_configuration import render

Body = JsonObject
KIND = "payment_method_configuration"


async def create(call: Call, given: Any) -> Body:
    """Create one, beside what the account has to begin with; what is not said is as usual, or as in its parent."""
    said = parameters.preferences(given)
    _check_cards(said)
    if given.parent is not None and await records.load(call.services.database, call.scope, given.parent) is None:
        raise missing(KIND, given.parent, "parent", in_path=False)
    configuration = Configuration(
        id=call.mint.id("pmc_1", length=23),
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        name=given.name or NAME,
        parent=given.parent,
        preferences=said,
    )
    await records.add(call.services.database, configuration)
    return render(await _existing(call, configuration.id))


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One of them."""
    del given
    return render(await _existing(call, call.path_id(KIND, KIND)))


async def update(call: Call, given: Any) -> Body:
    """Turn types on and off, rename it, or stop using it. Payments that were created before keep what they had."""
    said = parameters.preferences(given)
    _check_cards(said)
    before = await _existing(call, call.path_id(KIND, KIND))
    if before.is_default and given.active is False:
        raise invalid_request("You cannot deactivate the default payment method configuration.", param="active")

    def changed(one: Configuration) -> Configuration:
        active = one.active if given.active is None else given.active
        return replace(one, name=given.name or one.name, active=active, preferences=one.preferences | said)

    await records.change(call.services.database, call.scope, before.id, changed)
    call.services.offers.forget(call.scope)
    return render(await _existing(call, before.id))


async def list_all(call: Call, given: parameters.ConfigurationsListParameters) -> Body:
    """A page, newest first. There are no applications here, so none has any."""
    if given.application:
        return list_body(RESOURCE.path, [], has_more=False)
    found, has_more = await records.newest(call.services.database, call.scope, cursor(given), given.active)
    return list_body(RESOURCE.path, [render(one) for one in found], has_more)


async def _existing(call: Call, id_: str) -> Configuration:
    found = await records.load(call.services.database, call.scope, id_)
    if found is None:
        raise missing(KIND, id_, KIND, in_path=True)
    return found


def _check_cards(said: dict[str, str]) -> None:
    """Cards cannot be turned off; at Stripe only few can (docs.stripe.com/payments/payment-method-configurations)."""
    if said.get("card") == OFF:
        param = "card[display_preference][preference]"
        raise invalid_request("Card payments cannot be turned off in a payment method configuration.", param=param)


RESOURCE = Resource("/v1/payment_method_configurations", "payment_method_configurations", KIND)

OPERATIONS = (
    RESOURCE.operation(
        "POST",
        "",
        "create",
        "Create a payment method configuration",
        parameters.ConfigurationCreateParameters,
        create,
    ),
    RESOURCE.operation(
        "GET",
        "",
        "list",
        "List payment method configurations",
        parameters.ConfigurationsListParameters,
        list_all,
        is_list=True,
    ),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a payment method configuration", NoParameters, retrieve),
    RESOURCE.operation(
        "POST",
        "/{id}",
        "update",
        "Update a payment method configuration",
        parameters.ConfigurationUpdateParameters,
        update,
    ),
)
