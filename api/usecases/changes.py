"""From a request's parameters to what a command changes: attributes, line items with ids, and the payment method."""

from typing import Any

from api.dialect import errors
from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.publishable import for_servers
from api.usecases import method_types, payment_methods
from api.usecases.payment_methods import MethodChoice
from domain.model.attributes import SENT_IN_CHANGES
from domain.model.hashes import JsonObject
from domain.model.wording import mandate_invalid
from parameters.fields import TEXT_MAX
from parameters.payment_intents import WITH_CONFIRM_ONLY, CreateParameters
from records import customers, mandates


async def existing_customer(call: Call, id_: str, param: str = "customer") -> customers.Customer:
    """The customer a parameter names.

    Raises:
        StripeError: no such customer, or it was deleted.
    """
    customer = await customers.load(call.services.database, call.scope, id_)
    if customer is None or customer["deleted"]:
        raise missing("customer", id_, param, in_path=False)
    return customer


def attributes(call: Call, given: Any, *names: str) -> JsonObject:
    """The named parameters that were sent, as the domain has them."""
    sent: JsonObject = given.given(*names)
    if sent.get("amount_details"):
        sent["amount_details"] = _with_ids(call, sent["amount_details"])
    if sent.get("mandate_data"):
        sent["mandate_data"] = mandate_acceptance(call, sent["mandate_data"])
    if "mandate_data" in sent and sent["mandate_data"] is None:
        del sent["mandate_data"]
    return sent


async def changes_of(call: Call, given: Any) -> JsonObject:
    """Everything a command changes."""
    changes = {
        **attributes(call, given, *SENT_IN_CHANGES),
        **await method_types.changes(call, given),
    }
    if changes.get("customer"):
        await existing_customer(call, changes["customer"])
    return changes


def _with_ids(call: Call, details: JsonObject) -> JsonObject:
    """Line items are objects: each gets an id."""
    items = details.get("line_items")
    if not items:
        return details
    return {
        **details,
        "line_items": [{**item, "id": call.mint.id("uli_1", str(i), 23)} for i, item in enumerate(items)],
    }


def mandate_acceptance(call: Call, data: JsonObject) -> JsonObject:
    """Who consented, and from where: the buyer's own browser is seen, a server must tell."""
    acceptance = data["customer_acceptance"]
    if acceptance["type"] != "online":
        if call.publishable:
            raise for_servers("mandate_data[customer_acceptance][type]")
        return data
    online = dict(acceptance.get("online") or {})
    seen = {"ip_address": call.ip_address, "user_agent": call.user_agent and call.user_agent[:TEXT_MAX]}
    inferred = online.pop("infer_from_client", False)
    if inferred and not call.publishable:
        param = "mandate_data[customer_acceptance][online][infer_from_client]"
        raise invalid_request("Only a publishable key can be used to infer acceptance from the client.", param=param)
    for name, value in seen.items():
        if online.get(name) is None and not call.publishable:
            param = f"mandate_data[customer_acceptance][online][{name}]"
            raise invalid_request(f"Missing required param: {param}.", code="parameter_missing", param=param)
        online[name] = online.get(name) or value
    return {"customer_acceptance": {**acceptance, "online": online}}


def check_confirm_only(given: CreateParameters) -> None:
    """What says how to confirm comes with a confirmation.

    Raises:
        StripeError: it comes without one.
    """
    if given.confirm:
        return
    for name in WITH_CONFIRM_ONLY:
        # What says no is as good as unsent.
        if name in given.model_fields_set and getattr(given, name) not in (None, False):
            text = f"The parameter `{name}` can only be used when creating a PaymentIntent with `confirm=true`."
            raise invalid_request(text, param=name)


async def method_of(call: Call, given: Any) -> MethodChoice | None:
    """The payment method a request names, makes, or has a mandate for; a new one is yet to be written down."""
    named = [name for name in ("payment_method", "payment_method_data", "confirmation_token")
             if getattr(given, name, None) is not None]  # fmt: skip
    if len(named) > 1:
        raise invalid_request(
            f"You may only specify one of these parameters: {', '.join(named)}.",
            code="parameters_exclusive",
            param=named[0],
        )
    chosen = None
    if getattr(given, "payment_method_data", None) is not None:
        drafted = await payment_methods.draft(call, given.payment_method_data, "payment_method_data")
        chosen = MethodChoice(drafted, new=True)
    elif given.payment_method is not None:
        chosen = await payment_methods.choose(call, given.payment_method)
    mandate = getattr(given, "mandate", None)
    return await _of_mandate(call, mandate, chosen) if mandate else chosen


async def _of_mandate(call: Call, id_: str, chosen: MethodChoice | None) -> MethodChoice:
    """The method that a mandate is for; one that was given must be it."""
    mandate = await mandates.load(call.services.database, call.scope, id_)
    if mandate is None:
        raise missing("mandate", id_, "mandate", in_path=False)
    if mandate.status != "active" or (chosen is not None and chosen.method.id != mandate.payment_method):
        raise errors.refused(mandate_invalid(id_))
    return chosen or await payment_methods.choose(call, mandate.payment_method, "mandate")
