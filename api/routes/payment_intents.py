"""PaymentIntents: what each operation does with its parameters. Rules are the domain's, effects the workflow's."""

from dataclasses import replace
from typing import Any

from api.dialect import errors
from api.dialect.auth import check_client_secret
from api.dialect.call import Call
from api.dialect.errors import StripeError, missing
from api.dialect.lists import created_bounds, cursor, list_body, page_of
from api.dialect.operation import Resource
from api.dialect.publishable import buyers, check_confirm, check_owner, without_the_merchants
from api.services import Services
from api.usecases import balance_application, funding, method_types
from api.usecases.changes import (
    attributes,
    changes_of,
    check_confirm_only,
    existing_customer,
    method_of,
)
from api.usecases.commands import body_of, identity, send, start_with
from api.usecases.confirmation import Collected, check_usage, collect, give_back, take
from api.usecases.consent import by_mandate, consent, with_consent
from api.usecases.duplicates import guard_duplicate
from api.usecases.method_use import DECLINED, use_method, write_method
from api.usecases.parents import check_parents
from api.usecases.routing import refusal_of, with_route
from api.usecases.sharing_out import beneficiary
from contracts.messages import CommandResult
from domain.identifiers import ID_MAX
from domain.machine import connect, limits
from domain.machine.confirmation import payment_method_refusal
from domain.machine.limits import unstorable
from domain.machine.suitability import types_refusal
from domain.methods.eligibility import with_automatic_types
from domain.model.attributes import AS_SENT
from domain.model.commands import Cancel, Capture, Command, Confirm, IncrementAuthorization, Update, VerifyMicrodeposits
from domain.model.hashes import JsonObject
from domain.model.payment_intent import RULES, PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.model.statuses import Status
from domain.money import amounts
from domain.money.currencies import amount_refusal, currency_refusal
from domain.refusals import Refusal
from parameters import payment_intents as parameters
from records import payment_intents as records
from records.scope import Scope
from rendering.amount_details import line_items
from rendering.payment_intent import error as render_error
from rendering.payment_intent import render
from rendering.versions.changes import released_holds

Body = JsonObject


async def create(call: Call, given: parameters.CreateParameters) -> Body:
    """Create, and confirm at once if asked to. The row comes first: a workflow without one would be seen by nobody."""
    check_confirm_only(given)
    collected = await collect(call, given.confirmation_token, call.mint.payment_intent)
    check_usage(collected, given.setup_future_usage)
    command = Confirm(**identity(call), **_how_to_confirm(call, given, collected)) if given.confirm else None
    try:
        intent, method = await _new_intent(call, given, collected)
        await by_mandate(call, intent, given.mandate)
        command = await with_consent(call, intent, command)
        refusal = refusal_of(call, intent, command) if command else None
        if isinstance(refusal, Refusal):
            raise errors.refused(refusal)
    except StripeError:
        # A repetition of a request that died may find its own payment method used up: by itself.
        known = await records.load(call.services.database, call.scope, call.mint.payment_intent)
        if known is None:
            raise
        return await _send(call, known, command) if command else body_of(call, known)
    if command is not None:
        await take(call, collected.token, intent.id)
    new = await call.services.projection.create(intent, call.cause, method)
    # If not, a repetition of a request that died: the intent may have moved on, and must not start from the beginning.
    known = intent if new else await _existing(call, intent.id)
    if command is not None:
        using = use_method(call, known, command, created=new, new=new and method is not None)
        async with using as use, guard_duplicate(call, known, use.command) as told:
            use.result = await (start_with if new else send)(call, known, await with_route(call, known, told))
            return _answer(call, use.result)
    if known.version == intent.version:
        await call.services.engine.start(known)
    return body_of(call, known)


def _how_to_confirm(call: Call, given: Any, collected: Collected) -> JsonObject:
    by_default = "use_stripe_sdk" not in given.model_fields_set
    return {
        "return_url": given.return_url or collected.return_url,
        "off_session": given.off_session,
        "error_on_requires_action": given.error_on_requires_action,
        "use_stripe_sdk": given.use_stripe_sdk or (by_default and collected.use_stripe_sdk),
        "route": call.services.default_route,
    }


async def _new_intent(
    call: Call, given: parameters.CreateParameters, collected: Collected
) -> tuple[PaymentIntent, PaymentMethod | None]:
    """The intent, and the method that is to be written down with it."""
    currency = given.currency.lower()
    refusal = currency_refusal(currency) or amount_refusal(given.amount, currency)
    if refusal:
        raise errors.refused(refusal)
    types = await method_types.of_new(call, given)
    customer = given.customer and (await existing_customer(call, given.customer))["id"]
    chosen = await method_of(call, given) or collected.chosen
    method = chosen.method if chosen else None
    intent = PaymentIntent(
        id=call.mint.payment_intent,
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        client_secret=call.mint.client_secret,
        amount=given.amount,
        currency=currency,
        status=Status.REQUIRES_CONFIRMATION if method else Status.REQUIRES_PAYMENT_METHOD,
        capture_method=given.capture_method or "automatic_async",
        confirmation_method=given.confirmation_method or "automatic",
        payment_method=method,
        customer=customer,
        metadata={key: value for key, value in (given.metadata or {}).items() if value is not None},
        on_behalf_of=given.on_behalf_of,
        platform=call.key.platform,
        beneficiary=await beneficiary(call, given.transfer_data),
        rules=RULES,
        blocked_checks=call.key.blocked_checks,
        pages=call.address,
        pricing=call.key.pricing,
        **collected.changes | attributes(call, given, *AS_SENT),
        **types,
    )
    intent = with_automatic_types(intent)
    if refusal := _refusal(intent):
        raise errors.refused(refusal)
    return intent, method if chosen and chosen.new else None


def _refusal(intent: PaymentIntent) -> Refusal | None:
    """Why there cannot be such an intent."""
    refusal = amounts.refusal(intent.amount_details, intent.amount) or connect.refusal(intent)
    refusal = refusal or types_refusal(intent) or payment_method_refusal(intent)
    return refusal or limits.intent_refusal(intent)


async def retrieve(call: Call, given: parameters.RetrieveParameters) -> Body:
    """The workflow's own word while it is open, the record's afterwards, or when no worker answers in time."""
    intent = await _latest(call, call.path_id("payment_intent", "intent"))
    if call.publishable:
        check_client_secret(given.client_secret, intent.client_secret)
    return body_of(call, intent)


async def _latest(call: Call, id_: str) -> PaymentIntent:
    record = await records.glance(call.services.database, call.scope, id_)
    if record is None:
        raise missing("payment_intent", id_, "intent", in_path=True)
    if record.ended is not None:
        return record.ended
    now = await call.services.engine.retrieve(id_)
    # The record is ahead only after a crash of everything at once; then it is the one that knows.
    return now if now is not None and now.version >= record.version else await _existing(call, id_)


async def update(call: Call, given: parameters.UpdateParameters) -> Body:
    """Change attributes; an empty string clears."""
    intent = await recorded_intent(call)
    changes = await changes_of(call, given)
    if given.currency is not None:
        changes["currency"] = given.currency.lower()
    async with write_method(call, intent, await method_of(call, given)) as made:
        return await _send(call, intent, Update(**identity(call), changes=changes, payment_method=made.method))


async def confirm(call: Call, given: parameters.ConfirmParameters) -> Body:
    """Confirm; a browser may do so with the client secret."""
    intent = await recorded_intent(call)
    if call.publishable:
        check_client_secret(given.client_secret, intent.client_secret)
        check_confirm(given)
    collected = await collect(call, given.confirmation_token, intent.id)
    check_usage(collected, given.setup_future_usage or intent.setup_future_usage)
    changes = collected.changes | await changes_of(call, given)
    if call.publishable:
        changes = buyers(intent, changes)
    async with write_method(call, intent, await method_of(call, given) or collected.chosen) as made:
        if call.publishable:
            check_owner(intent, made.method)
        agreed = await by_mandate(call, intent, given.mandate, given.amount_to_confirm)
        command = Confirm(
            **identity(call),
            **_how_to_confirm(call, given, collected),
            changes=changes | await consent(call, intent, changes, made.method),
            payment_method=made.method,
            amount_to_confirm=given.amount_to_confirm if agreed is None else agreed,
            publishable=call.publishable,
        )
        await take(call, collected.token, intent.id)
        try:
            return await _send(call, intent, command, new=made.new)
        except StripeError as error:
            if error.status != DECLINED:
                await give_back(call, collected.token, intent.id)
            raise


async def capture(call: Call, given: parameters.CaptureParameters) -> Body:
    """Take what is held."""
    intent = await recorded_intent(call)
    command = Capture(
        **identity(call),
        changes=await changes_of(call, given),
        amount_to_capture=given.amount_to_capture,
        final_capture=given.final_capture,
        refunds_rest=released_holds.CHANGE.concerns(call.version),
    )
    return await _send(call, intent, command)


async def cancel(call: Call, given: parameters.CancelParameters) -> Body:
    """End the intent; what is held is released."""
    refunds = released_holds.CHANGE.concerns(call.version)
    command = Cancel(**identity(call), cancellation_reason=given.cancellation_reason, refunds_rest=refunds)
    return await _send(call, await recorded_intent(call), command)


async def increment_authorization(call: Call, given: parameters.IncrementParameters) -> Body:
    """Raise what is held to a new total."""
    intent = await recorded_intent(call)
    changes = await changes_of(call, given)
    changes.pop("amount", None)
    command = IncrementAuthorization(**identity(call), amount=given.amount, changes=changes)
    return await _send(call, intent, command)


async def verify_microdeposits(call: Call, given: parameters.VerifyMicrodepositsParameters) -> Body:
    """Prove ownership of a bank account."""
    intent = await recorded_intent(call)
    if call.publishable:
        check_client_secret(given.client_secret, intent.client_secret)
    command = VerifyMicrodeposits(
        **identity(call), amounts=tuple(given.amounts or ()), descriptor_code=given.descriptor_code
    )
    return await _send(call, intent, command)


async def apply_customer_balance(call: Call, given: parameters.ApplyCustomerBalanceParameters) -> Body:
    """Use the customer's cash balance."""
    intent = await recorded_intent(call)
    async with write_method(call, intent, await balance_application.chosen(call, intent)) as made:
        return await _send(call, intent, balance_application.command(call, made.method, given))


async def list_line_items(call: Call, given: parameters.LineItemsParameters) -> Body:
    """What the amount is made of, in the order it was given."""
    intent = await recorded_intent(call)
    url = f"/v1/payment_intents/{intent.id}/amount_details_line_items"
    return page_of(line_items(intent), cursor(given), url)


async def list_all(call: Call, given: parameters.IntentsListParameters) -> Body:
    """A page, newest first, from the records."""
    found, has_more = await records.newest(
        call.services.database,
        call.scope,
        cursor(given),
        created_bounds(given.created),
        given.customer,
        given.customer_account,
    )
    if not found:
        await check_parents(call, given, "customer")
    return list_body("/v1/payment_intents", [render(intent) for intent in found], has_more)


async def recorded_intent(call: Call) -> PaymentIntent:
    """The intent of the path, as it was last recorded.

    Raises:
        StripeError: there is none.
    """
    return await _existing(call, call.path_id("payment_intent", "intent"))


async def about(services: Services, scope: Scope, id_: str) -> Body:
    """The intent that a command with wrong parameters is about, as live Stripe shows it; nothing if there is none."""
    unknown = len(id_) > ID_MAX or unstorable(id_)
    intent = None if unknown else await records.load(services.database, scope, id_)
    return {"payment_intent": render(intent)} if intent is not None else {}


async def _existing(call: Call, id_: str) -> PaymentIntent:
    intent = await records.load(call.services.database, call.scope, id_)
    if intent is None:
        raise missing("payment_intent", id_, "intent", in_path=True)
    return intent


async def _send(call: Call, intent: PaymentIntent, command: Command, *, new: bool = False) -> Body:
    async with use_method(call, intent, command, new=new) as use, guard_duplicate(call, intent, use.command) as told:
        use.result = await send(call, intent, await with_route(call, intent, told))
        await funding.pass_on(call.services, intent, use.result.intent, call.mint.command)
        return _answer(call, use.result)


def _answer(call: Call, result: CommandResult) -> Body:
    rendered = body_of(call, result.intent)
    if result.error is None:
        return rendered
    charge = result.intent.charge
    checks = charge.checks if charge and charge.id == result.error.charge else None
    error = render_error(result.error, checks)
    raise errors.declined(result.error, without_the_merchants(error) if call.publishable else error, rendered)


RESOURCE = Resource(path="/v1/payment_intents", name="payment_intents", returns="payment_intent")

_OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Create a PaymentIntent", parameters.CreateParameters, create),
    RESOURCE.operation(
        "GET", "", "list", "List PaymentIntents", parameters.IntentsListParameters, list_all, is_list=True
    ),
    RESOURCE.operation(
        "GET",
        "/{id}/amount_details_line_items",
        "list_amount_details_line_items",
        "List a PaymentIntent's line items",
        parameters.LineItemsParameters,
        list_line_items,
        is_list=True,
        returns="payment_intent_amount_details_line_item",
    ),
    RESOURCE.operation(
        "GET",
        "/{id}",
        "retrieve",
        "Retrieve a PaymentIntent",
        parameters.RetrieveParameters,
        retrieve,
        publishable=True,
    ),
    RESOURCE.operation("POST", "/{id}", "update", "Update a PaymentIntent", parameters.UpdateParameters, update),
    RESOURCE.operation(
        "POST",
        "/{id}/confirm",
        "confirm",
        "Confirm a PaymentIntent",
        parameters.ConfirmParameters,
        confirm,
        publishable=True,
    ),
    RESOURCE.operation(
        "POST", "/{id}/capture", "capture", "Capture a PaymentIntent", parameters.CaptureParameters, capture
    ),
    RESOURCE.operation("POST", "/{id}/cancel", "cancel", "Cancel a PaymentIntent", parameters.CancelParameters, cancel),
    RESOURCE.operation(
        "POST",
        "/{id}/increment_authorization",
        "increment_authorization",
        "Raise an authorization",
        parameters.IncrementParameters,
        increment_authorization,
    ),
    RESOURCE.operation(
        "POST",
        "/{id}/verify_microdeposits",
        "verify_microdeposits",
        "Verify microdeposits",
        parameters.VerifyMicrodepositsParameters,
        verify_microdeposits,
        publishable=True,
    ),
    RESOURCE.operation(
        "POST",
        "/{id}/apply_customer_balance",
        "apply_customer_balance",
        "Apply a customer's cash balance",
        parameters.ApplyCustomerBalanceParameters,
        apply_customer_balance,
    ),
)

OPERATIONS = tuple(
    replace(operation, about=about if operation.path.startswith(f"{RESOURCE.path}/{{id}}/") else None)
    for operation in _OPERATIONS
)
"""An error about a command's parameters shows the intent; one about those of an update does not."""
